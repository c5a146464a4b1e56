"""Overview, start, data health, bell and search of a workspace."""

from django.urls import path

from apps.dashboard import views

app_name = "dashboard"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("evolucao.json", views.evolution, name="evolution"),
    path("evolucao/", views.evolution_table, name="evolution_table"),
    path("inicio/", views.start, name="start"),
    path("pendencias/", views.issues, name="issues"),
    path("notificacoes/", views.notifications, name="notifications"),
    path("notificacoes/sino/", views.bell, name="bell"),
    path("busca/", views.search, name="search"),
]
