"""The words for every code: what is wrong with a file, and why a line fares as it does."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise

ERRORS: dict[str, Text] = {
    "empty": _("O arquivo está vazio. Exporte-o de novo e envie outra vez."),
    "too_big": _("O arquivo passa de %(limit)s MB. Exporte um período menor e envie em partes."),
    "too_many_rows": _(
        "O arquivo tem mais de %(limit)s linhas. Exporte um período menor e envie em partes."
    ),
    "wrong_type": _(
        "Este arquivo não é uma planilha .xlsx nem um .csv. Envie o arquivo como a B3 ou a "
        "corretora o exportou."
    ),
    "old_excel": _(
        "Este é um arquivo do Excel antigo (.xls). Abra-o, salve como .xlsx e envie de novo."
    ),
    "encrypted": _("A planilha está protegida por senha. Salve-a sem senha e envie de novo."),
    "damaged": _("O arquivo está danificado ou incompleto. Exporte-o de novo e envie outra vez."),
    "unsafe": _("O arquivo traz declarações que uma planilha não usa e foi recusado."),
    "bomb": _("O arquivo se expande muito além do tamanho que mostra e foi recusado."),
    "encoding": _("Os caracteres do arquivo não puderam ser lidos. Salve o CSV em UTF-8."),
    "missing_header": _(
        "Falta a linha de cabeçalho. Eram esperadas as colunas: %(columns)s. Envie o arquivo sem "
        "apagar o cabeçalho."
    ),
    "missing_columns": _(
        "Faltam colunas no cabeçalho: %(columns)s. Envie o arquivo como foi exportado, sem "
        "renomear colunas."
    ),
    "unknown_columns": _("Colunas desconhecidas: %(columns)s. Apague-as ou corrija o nome."),
    "mapped_column_missing": _(
        "O mapa de colunas fala de colunas que este arquivo não tem: %(columns)s."
    ),
    "no_rows": _("Não há nenhuma linha abaixo do cabeçalho."),
    "bad_date": _(
        "“%(value)s” não é uma data. Corrija a célula (dd/mm/aaaa) e envie o arquivo de novo."
    ),
    "missing_date": _("A linha não tem data. Preencha a célula e envie o arquivo de novo."),
    "bad_time": _("“%(value)s” não é uma hora (hh:mm ou hh:mm:ss)."),
    "bad_number": _(
        "“%(value)s” não é um número. Corrija a célula (1.234,56) e envie o arquivo de novo."
    ),
    "negative_number": _("“%(value)s” é negativo, e aqui só cabem números positivos."),
    "missing_cell": _("Falta um valor que a linha não pode deixar em branco."),
    "bad_currency": _("“%(value)s” não é um código de moeda de três letras."),
    "unknown_bucket": _("“%(value)s” não é um grupo fiscal (common, day_trade, fii ou abroad)."),
    "unknown_class": _("“%(value)s” não é uma classe de ativo."),
    "unknown_tax_class": _("“%(value)s” não é um regime fiscal."),
    "unknown_indexer": _("“%(value)s” não é um indexador (cdi, selic, prefixed ou ipca)."),
    "repeated_code": _("“%(value)s” aparece duas vezes."),
    "repeated_file": _("O arquivo compactado traz %(value)s mais de uma vez."),
    "too_long": _("“%(value)s” é longo demais: cabem %(limit)s caracteres."),
    "not_positive": _("“%(value)s” deve ser maior que zero."),
    "maturity_before_issue": _("O vencimento deve ser depois da emissão."),
    "waits_classes": _("Falta a classe de %(codes)s. Escolha-a nas propostas antes de aplicar."),
    "waits_answers": _("Ainda há propostas sem resposta."),
    "waits_decisions": _("Ainda há linhas que precisam de decisão."),
    "waits_columns": _("Diga antes o que é cada coluna do arquivo."),
    "unknown_workbook": _(
        "Não reconhecemos as planilhas deste arquivo (%(sheets)s). Envie um Negociação, "
        "Movimentação ou Posição da Área do Investidor da B3, ou um CSV."
    ),
    "b3_income_report": _(
        "Este é o relatório de proventos da B3. Os mesmos proventos vêm no Movimentação, que "
        "também traz os eventos: envie o Movimentação do período."
    ),
    "b3_consolidated": _(
        "Este é o relatório consolidado da B3, sem a data de cada negócio. Envie o Negociação e o "
        "Movimentação do período."
    ),
    "unexpected": _(
        "Um erro do Exitus impediu o trabalho e nada foi lançado. O erro ficou registrado para o "
        "administrador."
    ),
    "unknown_format": _("Não existe o formato “%(value)s”."),
    "other_format": _("O arquivo é do formato %(found)s, e não %(wanted)s."),
}

REASONS: dict[str, Text] = {
    "unknown_movement": _(
        "A movimentação “%(movement)s” não é conhecida. Diga o que ela foi, ou ignore a linha."
    ),
    "unknown_side": _("“%(side)s” não diz se foi entrada (Credito) ou saída (Debito)."),
    "unknown_trade_side": _("“%(side)s” não diz se foi compra ou venda."),
    "side_contradicts": _("“%(side)s” contradiz “%(movement)s”. Diga o que a linha foi."),
    "unknown_kind": _("O tipo “%(movement)s” não é conhecido. Diga o que a linha foi."),
    "unknown_market": _("O mercado “%(market)s” não é conhecido."),
    "missing_product": _("A linha não diz de que ativo se trata."),
    "missing_quantity": _("Falta a quantidade."),
    "missing_value": _("Falta o valor da operação."),
    "missing_ratio": _("Falta a proporção."),
    "missing_target": _("Falta o outro ativo ou a outra moeda."),
    "needs_details": _("Este tipo pede mais do que o arquivo traz. Complete os campos."),
    "settlement": _(
        "Liquidação de um negócio de bolsa: só é lançada se nenhum Negociação cobre o período."
    ),
    "settlement_covered": _("Confere com o negócio de %(date)s, já lançado pelo Negociação."),
    "settlement_in_period": _(
        "O Negociação cobre este período, mas não traz este negócio. Diga se ele deve ser lançado."
    ),
    "settlement_as_trade": _(
        "Lançada como negócio de %(date)s (estimada: dias úteis antes da liquidação), porque "
        "nenhum Negociação cobre o período."
    ),
    "jcp_gross": _(
        "Valor líquido de %(net)s. Bruto de %(gross)s, com %(rate)s %% de imposto retido na fonte."
    ),
    "jcp_check": _(
        "Valor líquido de %(net)s, bruto de %(gross)s com %(rate)s %% de imposto; preço × "
        "quantidade dá %(printed)s. Confira."
    ),
    "jcp_rate_unknown": _("Não há alíquota de JCP conhecida para a data."),
    "bonus_without_cost": _(
        "A B3 não trouxe o custo atribuído à bonificação. Fica zero até que você o informe."
    ),
    "bonus_fraction": _("A fração de %(fraction)s vai a leilão e não entra na posição."),
    "bonus_only_fraction": _(
        "Só a fração de %(fraction)s, que vai a leilão: não entra na posição."
    ),
    "ignored_by_person": _("Ignorada por você."),
    "ignored_before": _("Ignorada por você em outra importação do mesmo arquivo."),
    "position_row": _("Linha de posição: serve à conciliação e não é lançada."),
    "settlement_differs": _(
        "O Movimentação já trouxe %(held)s neste dia e o Negociação traz %(quantity)s. Diga se "
        "este negócio deve ser lançado."
    ),
    "settlement_first": _(
        "Já lançado pela liquidação de %(date)s do Movimentação, com a mesma quantidade."
    ),
    "cannot_record": _("Não pode ser lançada como está: %(why)s"),
    "asset_undecided": _("Escolha a classe do ativo %(ticker)s nas propostas."),
    "rights_received": _("Direitos recebidos, com custo zero."),
    "rights_expired": _("Direitos que venceram sem exercício."),
    "rights_unclear": _("Não está claro o que aconteceu com estes direitos."),
    "rights_exercised_alone": _(
        "Direitos exercidos sem o recibo no mesmo arquivo. Importe o período do recibo, ou diga o "
        "preço pago."
    ),
    "rights_assigned": _("Cessão de direitos: diga se foram vendidos ou entregues."),
    "request_only": _("É só o pedido; o evento vem em outra linha."),
    "subscription_request_alone": _(
        "Pedido de subscrição com o valor pago, sem o recibo no mesmo arquivo."
    ),
    "subscription_price_unknown": _("Recibo de subscrição sem o preço pago. Informe-o."),
    "joined_subscription": _("Faz parte da subscrição da linha %(line)s."),
    "excluded_event": _("Evento excluído pela B3: sem efeito."),
    "cancelled_by": _("Cancelada pela linha %(line)s."),
    "cancels": _("Cancela a linha %(line)s: as duas ficam sem efeito."),
    "cancellation_without_original": _(
        "Cancela um evento que não está neste arquivo. Se ele já foi lançado, exclua-o e ignore "
        "esta linha."
    ),
    "reinstated_but_live": _(
        "Reativa um evento que não consta como cancelado: seria lançado duas vezes."
    ),
    "zero_quantity": _("Quantidade zero: sem efeito."),
    "nothing_allotted": _("A reserva não recebeu nada."),
    "interest_capitalised": _("Juros incorporados ao principal: não há dinheiro."),
    "custody_block": _("Bloqueio de custódia: sem efeito na posição."),
    "lending_custody": _("Movimento de custódia do empréstimo: a ação continua sua."),
    "lending_debit": _("Débito de empréstimo com valor: diga se foi taxa."),
    "tax_row": _(
        "Imposto em linha própria. Lance-o como imposto, ou ignore se já está no provento."
    ),
    "redemption_without_value": _(
        "Resgate sem valor: costuma ser conversão de recibo ou BDR. Diga em que ativo virou."
    ),
    "fraction_waits_auction": _(
        "Fração separada para leilão: a venda é lançada quando o leilão for pago."
    ),
    "fraction_joined": _("Faz parte do leilão de fração da linha %(line)s."),
    "split_added": _("Desdobramento: %(added)s novas sobre %(held)s, proporção %(ratio)s."),
    "split_total": _("Grupamento: de %(held)s para %(total)s, proporção %(ratio)s."),
    "reverse_split_debit": _(
        "Grupamento a débito: confira a proporção (a quantidade que sobra sobre a que havia)."
    ),
    "holding_unknown": _(
        "Não há posição de %(ticker)s antes desta data para calcular a proporção. Informe-a."
    ),
    "ratio_implausible": _(
        "A quantidade não combina com a posição de %(held)s. Confira a proporção."
    ),
    "update_snapshot": _("Atualização de custódia."),
    "update_equals_holding": _("Repete a posição de %(held)s: sem efeito."),
    "update_differs": _(
        "Atualização de %(quantity)s com posição de %(held)s: pode ser mudança de código ou "
        "conversão. Nunca é compra."
    ),
    "forward_settlement": _("Liquidação de termo."),
    "forward_converted": _("O termo %(ticker)s virou ação pelo preço contratado."),
    "forward_unknown": _(
        "Liquidação de um termo cuja compra não está lançada: entra como compra pelo valor."
    ),
    "forward_partial": _(
        "Liquidação de %(quantity)s, com %(held)s a termo: diga como tratar a diferença."
    ),
    "transfer": _("Transferência de custódia."),
    "transfer_paired": _("Par da linha %(line)s (%(institution)s): o custo acompanha."),
    "transfer_with_ledger": _("Par de uma transferência já lançada: o custo acompanha."),
    "transfer_within": _("Ida e volta na mesma instituição (linha %(line)s): sem efeito."),
    "transfer_lone": _(
        "Transferência sem o outro lado no arquivo. Confirme, e informe o custo total se o conhece."
    ),
    "capital_return_in_shares": _("Restituição de capital em ações: diga o que foi recebido."),
    "merger": _(
        "Incorporação: diga em que ativo virou e a proporção; se só acompanha um grupamento, "
        "escolha desdobramento ou grupamento."
    ),
    "spin_off": _("Cisão: diga o ativo recebido e a fração do custo que saiu."),
    "conversion": _("Conversão de ativos: diga em que ativo virou."),
    "option_exercise": _("Exercício de opção (%(market)s): o negócio é no ativo-objeto."),
    "option_unknown": _(
        "Exercício de uma opção cujo ativo-objeto e strike não são conhecidos. Cadastre a opção, "
        "ou lance o negócio no ativo."
    ),
    "future_trade": _("Futuros entram pelos ajustes diários, que este arquivo não traz."),
    "position_lent": _("Ativo emprestado: continua na posição do titular."),
    "duplicate": _("Já lançada."),
    "event_applied": _("Este evento já é aplicado pelo cadastro de eventos do mercado."),
    "changed_meanwhile": _(
        "Os lançamentos mudaram desde a conferência. Confira as linhas de novo antes de aplicar."
    ),
    "decided": _("Decidida por você."),
    "unknown_ticker": _("O ativo %(ticker)s é novo."),
}


def error(
    code: str,
    *,
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    params: Mapping[str, str] | None = None,
) -> str:
    """The sentence for a refused file, beginning with its place."""
    place = []
    if sheet.endswith(".csv"):
        place.append(gettext("arquivo %(name)s") % {"name": sheet})
    elif sheet:
        place.append(gettext("planilha “%(sheet)s”") % {"sheet": sheet})
    if row is not None:
        place.append(gettext("linha %(row)s") % {"row": row})
    if column:
        place.append(gettext("coluna “%(column)s”") % {"column": column})
    words = _fill(ERRORS.get(code, code), params or {})
    if not place:
        return words
    where = ", ".join(place)
    first = words[0].lower() if _lowers(words) else words[0]
    return f"{where[0].upper()}{where[1:]}: {first}{words[1:]}"


def reason(code: str, params: Mapping[str, str] | None = None) -> str:
    """Why a line fares as it does; empty where nothing needs saying."""
    return _fill(REASONS.get(code, code), params or {}) if code else ""


class _Unknown(dict[str, str]):
    """Shows what is not known as a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def _fill(words: Text, params: Mapping[str, str]) -> str:
    return str(words) % _Unknown(params)


def _lowers(words: str) -> bool:
    """Whether a sentence may continue after a colon in lower case (not a name or a quote)."""
    return words[0].isalpha() and words[1:2].islower()
