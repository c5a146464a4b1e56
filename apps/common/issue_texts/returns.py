"""Doubts about returns and values over time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.issue_texts.model import IssueText

RETURNS: dict[str, IssueText] = {
    "valued_at_cost": IssueText(
        _("Ativo sem preço, contado pelo custo"),
        _("O valor e o retorno desses dias supõem que o preço não mudou."),
        _("Atualize as cotações ou informe o preço à mão."),
        "price",
    ),
    "price_hole": IssueText(
        _("Preço repetido por muitos dias"),
        _("Entre dois preços conhecidos, o retorno fica todo no dia do segundo."),
        _("Atualize o histórico ou informe os preços que faltam."),
        "price",
    ),
    "left_out_of_value": IssueText(
        _("Ativo fora do valor"),
        _("Sem preço nem custo conhecidos, ele não conta no retorno desses dias."),
        _("Informe o custo na linha ou um preço à mão."),
        "price",
    ),
    "valued_by_terms": IssueText(
        _("Valor pela curva do papel"),
        _("Não é um preço de mercado: vem da taxa contratada."),
        _("Nada a fazer, se a taxa e o vencimento estiverem certos."),
        "price",
    ),
    "fx_rate_before_first": IssueText(
        _("Dias antes da primeira taxa de câmbio"),
        _("Usamos a primeira taxa conhecida para todos eles."),
        _("Atualize as cotações: a PTAX é buscada no Banco Central."),
        "price",
    ),
    "irr_none": IssueText(
        _("A TIR não existe neste período"),
        _("Nenhuma taxa explica estes fluxos: falta dinheiro posto ou recebido."),
        _("Escolha um período maior."),
    ),
    "irr_several": IssueText(
        _("Mais de uma TIR é possível"),
        _("Os fluxos trocam de sinal várias vezes, e não há uma só resposta."),
        _("Escolha outro período, ou use o retorno ponderado pelo tempo."),
    ),
    "return_without_base": IssueText(
        _("Dias sem valor de partida"),
        _("O retorno desses dias conta como zero."),
        _("Confira se faltam compras ou transferências anteriores."),
        "opening",
    ),
    "benchmark_missing": IssueText(
        _("Referência sem dados no período"),
        _("A comparação com ela não pode ser feita."),
        _("Atualize as cotações."),
        "price",
    ),
    "cash_untracked": IssueText(
        _("Caixa sem depósitos lançados"),
        _("Nem toda conta que negociou diz quanto dinheiro entrou: o saldo não é confiável."),
        _("Lance os depósitos e as retiradas, ou olhe sem o caixa."),
    ),
    "currency_assumed": IssueText(
        _("Moeda do relatório presumida"),
        _("Usamos a moeda da maioria dos lançamentos."),
        _("Escolha a moeda em que quer ver os números."),
    ),
}
