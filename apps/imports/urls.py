"""Addresses of imports, under a workspace."""

from django.urls import path

from apps.imports import views

app_name = "imports"

urlpatterns = [
    path("importar/", views.batch_list, name="list"),
    path("importar/<uuid:batch_id>/", views.batch_page, name="batch"),
    path("importar/<uuid:batch_id>/andamento/", views.batch_progress, name="progress"),
    path("importar/<uuid:batch_id>/linhas/<int:line_id>/", views.line_decide, name="decide"),
    path(
        "importar/<uuid:batch_id>/linhas/<int:line_id>/ignorar/",
        views.line_ignore,
        name="ignore",
    ),
    path("importar/<uuid:batch_id>/propostas/", views.proposals, name="proposals"),
    path("importar/<uuid:batch_id>/colunas/", views.mapping, name="mapping"),
    path("importar/<uuid:batch_id>/aplicar/", views.batch_apply, name="apply"),
    path("importar/<uuid:batch_id>/desfazer/", views.batch_undo, name="undo"),
    path("importar/<uuid:batch_id>/descartar/", views.batch_discard, name="discard"),
    path("conciliacao/", views.reconcile, name="reconcile"),
    path("conciliacao/<uuid:batch_id>/", views.reconciliation, name="reconciliation"),
]
