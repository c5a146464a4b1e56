"""Addresses of the ledger, under a workspace."""

from django.urls import path

from apps.ledger.views import exports, fees, opening, rows

app_name = "ledger"

urlpatterns = [
    path("lancamentos/", rows.transaction_list, name="list"),
    path("lancamentos/novo/", rows.transaction_new, name="new"),
    path("lancamentos/previa/", rows.transaction_preview, name="preview"),
    path("lancamentos/excluir/", rows.transactions_delete, name="delete_many"),
    path("lancamentos/<uuid:transaction_id>/editar/", rows.transaction_edit, name="edit"),
    path("lancamentos/<uuid:transaction_id>/excluir/", rows.transaction_delete, name="delete"),
    path("lancamentos/abertura/", opening.opening, name="opening"),
    path("lancamentos/taxas/", fees.fees, name="fees"),
    path("lancamentos/taxas/nova/", fees.note_new, name="note_new"),
    path("lancamentos/taxas/previa/", fees.note_preview, name="note_preview"),
    path("lancamentos/taxas/<uuid:note_id>/editar/", fees.note_edit, name="note_edit"),
    path("lancamentos/taxas/<uuid:note_id>/excluir/", fees.note_delete, name="note_delete"),
    path("lancamentos/exportar/", exports.export, name="export"),
    path("lancamentos/exportar/completo/", exports.export_all, name="export_all"),
    path("ativos/busca/", rows.assets_search, name="asset_search"),
]
