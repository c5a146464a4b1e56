"""Pages of accounts, among the settings."""

from django.urls import path

from apps.brokers import views

app_name = "brokers"

urlpatterns = [
    path("configuracoes/contas/", views.accounts, name="accounts"),
    path("configuracoes/contas/<uuid:account_id>/", views.account_edit, name="account_edit"),
    path(
        "configuracoes/contas/<uuid:account_id>/excluir/",
        views.account_delete,
        name="account_delete",
    ),
]
