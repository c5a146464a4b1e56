"""Doubts about rows, costs, prices and exchange rates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.issue_texts.model import IssueText

_INCOMPLETE_ROW = _("A linha fica fora da conta até estar completa.")

LEDGER: dict[str, IssueText] = {
    "transfer_cost_unknown": IssueText(
        _("Custo desconhecido numa transferência de custódia"),
        _("O preço médio e os ganhos do ativo ficam incompletos."),
        _("Informe na linha o custo total que veio junto (nota antiga ou Bens e Direitos)."),
    ),
    "transfer_out_unmatched": IssueText(
        _("Saída de custódia sem a entrada correspondente"),
        _("Os ativos saíram de uma conta e não chegaram a outra."),
        _("Lance a entrada na conta de destino, ou confirme que foram entregues a terceiros."),
    ),
    "transfer_exceeds_position": IssueText(
        _("Transferência maior do que a posição"),
        _("Saiu mais do que havia: faltam compras anteriores."),
        _("Informe as posições iniciais ou importe os anos que faltam."),
        "opening",
    ),
    "row_invalid": IssueText(
        _("Linha que não pode ser lida"), _INCOMPLETE_ROW, _("Abra o lançamento e corrija-o.")
    ),
    "transfer_cost_differs": IssueText(
        _("A transferência traz um custo diferente do que saiu"),
        _("Usamos o custo escrito na entrada."),
        _("Confira os dois lados e deixe o mesmo valor."),
    ),
    "bonus_cost_missing": IssueText(
        _("Bonificação sem o custo declarado pela empresa"),
        _("As ações recebidas entram com custo zero, e o preço médio fica menor do que deveria."),
        _("Procure no aviso aos acionistas o custo por ação e informe-o na linha."),
    ),
    "oversold": IssueText(
        _("Venda maior do que a posição"),
        _("O ganho do que excede é desconhecido: faltam compras anteriores."),
        _("Informe as posições iniciais ou importe os anos que faltam."),
        "opening",
    ),
    "event_without_position": IssueText(
        _("Evento de um ativo que não estava em carteira"),
        _("O evento não muda nada; em geral faltam compras anteriores."),
        _("Informe as posições iniciais ou importe os anos que faltam."),
        "opening",
    ),
    "rights_short": IssueText(
        _("Subscrição com mais direitos do que havia"),
        _("O custo dos direitos que faltam é desconhecido."),
        _("Lance a compra ou o recebimento dos direitos."),
    ),
    "fees_unknown": IssueText(
        _("Operações sem corretagem e emolumentos"),
        _("O preço médio sai um pouco menor, e o ganho um pouco maior, do que o fiscal."),
        _("Informe o total de taxas de cada nota: nós o repartimos entre as operações do dia."),
        "fees",
    ),
    "price_missing": IssueText(
        _("Ativo sem cotação"),
        _("O valor do ativo não entra no patrimônio."),
        _("Confira o código, atualize as cotações ou informe o preço à mão."),
        "price",
    ),
    "price_stale": IssueText(
        _("Cotação atrasada"),
        _("O valor usa o último preço conhecido."),
        _("Atualize as cotações ou informe o preço à mão."),
        "price",
    ),
    "price_before_split": IssueText(
        _("Cotação de antes de um desdobramento"),
        _("O valor usa o último preço, levado à quantidade de hoje pela proporção do evento."),
        _("Atualize as cotações ou informe o preço à mão."),
        "price",
    ),
    "fx_rate_missing": IssueText(
        _("Falta a taxa de câmbio do dia"),
        _("O valor não pode ser convertido e fica fora da soma."),
        _("Atualize as cotações: a PTAX é buscada no Banco Central."),
        "price",
    ),
    "index_missing": IssueText(
        _("Falta o índice que corrige um título"),
        _("O valor do título na curva é desconhecido."),
        _("Atualize as cotações: CDI, Selic e IPCA vêm do Banco Central."),
        "price",
    ),
    "index_stale": IssueText(
        _("Índice ainda não publicado até hoje"),
        _("O título vai até o último dia conhecido."),
        _("Nada a fazer: acerta-se quando o índice sair."),
        "price",
    ),
    "holidays_missing": IssueText(
        _("Calendário sem os feriados do período"),
        _("A contagem de dias úteis pode errar por um dia."),
        _("Quem administra a instalação pode carregar o calendário."),
        "price",
    ),
    "before_issue": IssueText(
        _("Título com data anterior à emissão"),
        _("O valor é desconhecido antes da emissão."),
        _("Confira a data da compra e a da emissão."),
    ),
    "asset_missing": IssueText(
        _("Linha sem ativo"), _INCOMPLETE_ROW, _("Escolha o ativo na linha.")
    ),
    "asset_unknown": IssueText(
        _("Ativo desconhecido"), _INCOMPLETE_ROW, _("Escolha um ativo cadastrado.")
    ),
    "account_unknown": IssueText(
        _("Conta desconhecida"), _INCOMPLETE_ROW, _("Escolha uma conta cadastrada.")
    ),
    "account_missing": IssueText(
        _("Linha sem conta"), _INCOMPLETE_ROW, _("Escolha a conta na linha.")
    ),
    "amount_missing": IssueText(
        _("Linha sem valor"), _INCOMPLETE_ROW, _("Informe o valor total da linha.")
    ),
    "value_missing": IssueText(
        _("Operação sem preço nem valor"),
        _("O custo ou o ganho dela é desconhecido."),
        _("Informe o preço unitário ou o valor total."),
    ),
    "amount_negative": IssueText(
        _("Valor negativo onde se espera positivo"),
        _INCOMPLETE_ROW,
        _("O tipo do lançamento já diz o sinal: escreva o valor sem ele."),
    ),
    "quantity_missing": IssueText(
        _("Linha sem quantidade"), _INCOMPLETE_ROW, _("Informe a quantidade.")
    ),
    "quantity_not_positive": IssueText(
        _("Quantidade nula ou negativa"),
        _INCOMPLETE_ROW,
        _("O tipo do lançamento já diz o sinal: escreva a quantidade sem ele."),
    ),
    "to_asset_missing": IssueText(
        _("Evento sem o ativo de destino"),
        _INCOMPLETE_ROW,
        _("Informe em que ativo o antigo se transformou."),
    ),
    "ratio_missing": IssueText(
        _("Evento sem a proporção"),
        _INCOMPLETE_ROW,
        _("Informe quantas ações novas para cada antiga."),
    ),
    "cost_share_missing": IssueText(
        _("Cisão sem a parte do custo que sai"),
        _("O custo fica todo no ativo antigo."),
        _("Procure no aviso da empresa a fração do custo e informe-a na linha."),
    ),
    "fraction_origin_unknown": IssueText(
        _("Venda de fração sem o evento que a gerou"),
        _("Não se sabe se a fração vem de bonificação ou de grupamento."),
        _("Lance o evento que gerou a fração."),
    ),
    "fraction_left_in_position": IssueText(
        _("Fração que ficou na posição"),
        _("A quantidade tem uma parte que a bolsa não negocia."),
        _("Lance o leilão de frações, se já foi pago."),
    ),
    "future_result_by_adjustments": IssueText(
        _("Resultado de futuros pelos ajustes diários"),
        _("Sem os ajustes do dia, o resultado é desconhecido."),
        _("Lance os ajustes diários do contrato."),
    ),
    "option_terms_missing": IssueText(
        _("Opção sem os seus termos"),
        _("Sem preço de exercício e vencimento, o exercício não pode ser calculado."),
        _("Complete o cadastro da opção."),
    ),
    "long_and_short": IssueText(
        _("Comprado e vendido ao mesmo tempo"),
        _("Há posição comprada e vendida a descoberto do mesmo ativo."),
        _("Confira se a venda a descoberto não era uma venda comum."),
    ),
    "overcovered": IssueText(
        _("Recompra maior do que a venda a descoberto"),
        _("O que excede fica fora da conta."),
        _("Lance a venda a descoberto que falta, ou a recompra como compra comum."),
    ),
    "fx_rate_stale": IssueText(
        _("Taxa de câmbio antiga"),
        _("O valor usa a última taxa conhecida."),
        _("Atualize as cotações: a PTAX é buscada no Banco Central."),
        "price",
    ),
    "cost_in_other_currency": IssueText(
        _("Custo em outra moeda"),
        _("O ganho não pode ser comparado ao valor."),
        _("Informe a taxa de câmbio da operação."),
    ),
}
