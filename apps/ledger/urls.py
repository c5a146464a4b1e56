"""Addresses of the ledger, under a workspace."""

from django.urls import path

from apps.ledger.views import rows

app_name = "ledger"

urlpatterns = [
    path("lancamentos/", rows.transaction_list, name="list"),
    path("lancamentos/novo/", rows.transaction_new, name="new"),
    path("lancamentos/previa/", rows.transaction_preview, name="preview"),
    path("lancamentos/excluir/", rows.transactions_delete, name="delete_many"),
    path("lancamentos/<uuid:transaction_id>/editar/", rows.transaction_edit, name="edit"),
    path("lancamentos/<uuid:transaction_id>/excluir/", rows.transaction_delete, name="delete"),
    path("ativos/busca/", rows.assets_search, name="asset_search"),
]
