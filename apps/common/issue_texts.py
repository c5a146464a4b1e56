"""What each issue code means to a person: its name, what it leaves open, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class IssueText:
    """``mend`` says where it is put right: the row, the fees, the opening, the price, an import."""

    title: Text
    effect: Text
    remedy: Text
    mend: str = "row"


_INCOMPLETE_ROW = _("A linha fica fora da conta até estar completa.")

TEXTS: dict[str, IssueText] = {
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
    "tax_rule_missing": IssueText(
        _("Regra fiscal que falta"),
        _("Não há regra vigente na data: o imposto do período não foi calculado."),
        _("Peça a um administrador que complete a tabela de regras."),
    ),
    "gain_unknown": IssueText(
        _("Ganho que não se pode calcular"),
        _("Falta o custo ou a taxa de câmbio: o imposto mostrado não inclui este ganho."),
        _("Informe o custo (nota antiga ou Bens e Direitos) ou atualize as cotações."),
    ),
    "income_unknown": IssueText(
        _("Rendimento de valor desconhecido"),
        _("O imposto mostrado não inclui este rendimento."),
        _("Informe o valor bruto na linha ou atualize as cotações."),
    ),
    "lot_date_assumed": IssueText(
        _("Data de aplicação presumida"),
        _("Sem a data original, o prazo conta da chegada e a alíquota pode ser maior."),
        _("Lance a aplicação na data em que foi feita."),
    ),
    "lots_unknown": IssueText(
        _("Juros de um papel que não consta da posição"),
        _("Sem a data da aplicação, a alíquota é desconhecida."),
        _("Lance a aplicação que rendeu estes juros."),
        "opening",
    ),
    "foreign_tax_unknown": IssueText(
        _("Imposto no exterior não informado"),
        _("Nenhum crédito é usado por este rendimento."),
        _("Informe na linha o imposto retido, zero se não houve."),
    ),
    "ptax_buy_missing": IssueText(
        _("PTAX de compra que falta"),
        _("Usamos a de venda, que é um pouco maior."),
        _("Atualize as cotações: a PTAX é buscada no Banco Central."),
        "price",
    ),
    "withheld_unknown": IssueText(
        _("Retenção não informada"),
        _("A lei pede retenção na fonte e a linha não diz quanto foi retido."),
        _("Informe na linha o imposto retido (informe de rendimentos)."),
    ),
    "withheld_differs": IssueText(
        _("Retenção diferente da que a lei pede"),
        _("Vale o que a fonte reteve, mas a diferença pede uma explicação."),
        _("Confira a linha com o informe de rendimentos."),
    ),
    "bonus_may_be_dividend": IssueText(
        _("Bonificação que pode contar como dividendo"),
        _("Somada aos dividendos do mês, passa do limite por empresa."),
        _("Veja no aviso da empresa de que lucros vieram as ações."),
    ),
    "same_day_order_unknown": IssueText(
        _("Ordem dos negócios do dia desconhecida"),
        _("O que é day trade e o custo médio da venda dependem dela."),
        _("Informe o horário dos negócios desse dia (extrato da B3 ou nota)."),
    ),
    "tax_gain_unknown": IssueText(
        _("Resultado de uma venda que não se pode calcular"),
        _("Falta o custo ou um valor: o imposto do mês não inclui esta venda."),
        _("Informe o custo (nota antiga ou Bens e Direitos) ou complete a linha."),
        "opening",
    ),
    "asset_class_missing": IssueText(
        _("Ativo sem classe"),
        _("Tributado como operação comum, sem isenção, até se saber o que é."),
        _("Escolha a classe do ativo no seu cadastro."),
    ),
    "option_expired_open": IssueText(
        _("Opção vencida que continua aberta"),
        _("Contamos como se tivesse virado pó no vencimento."),
        _("Lance o exercício, o encerramento ou o vencimento."),
    ),
    "withholding_unknown": IssueText(
        _("Vendas sem o imposto retido informado"),
        _("Nada é abatido do imposto por essas vendas."),
        _("Informe o IRRF das notas (zero se não houve) ou peça a estimativa nos ajustes."),
    ),
    "darf_month_missing": IssueText(
        _("Pagamento de DARF sem o mês a que se refere"),
        _("Contamos como do mês anterior ao pagamento."),
        _("Informe o mês (por exemplo 2026-03) no pagamento."),
    ),
    "darf_overpaid": IssueText(
        _("DARF paga a mais"),
        _("O excesso não é usado em outros meses."),
        _("Confira o pagamento; a restituição se pede à Receita."),
    ),
    "selic_missing": IssueText(
        _("Selic de um mês que falta"),
        _("Os juros por atraso não incluem esse mês."),
        _("Atualize os índices: a Selic é buscada no Banco Central."),
        "price",
    ),
    "bucket_unknown": IssueText(
        _("Prejuízo inicial sem o grupo a que pertence"),
        _("Sem grupo conta como comum; de um grupo desconhecido não conta."),
        _("Escolha comum, day trade, fundos imobiliários ou exterior."),
    ),
    "incorporation_value_missing": IssueText(
        _("Incorporação de ações sem o valor recebido"),
        _("O custo antigo continua, e o ganho da incorporação fica por apurar."),
        _("Informe na linha o valor de cada ação nova (comunicado da empresa)."),
    ),
    "etf_term_unknown": IssueText(
        _("ETF de renda fixa sem prazo médio"),
        _("Usamos a alíquota mais alta."),
        _("Informe no ativo o prazo médio de repactuação da carteira."),
    ),
    "lending_days_unknown": IssueText(
        _("Aluguel de ações sem o prazo do empréstimo"),
        _("A alíquota depende dos dias, e a linha não diz quanto foi retido."),
        _("Informe o imposto retido, ou os dias na anotação (por exemplo 90 dias)."),
    ),
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
    "annual_code_missing": IssueText(
        _("Ativo sem código na declaração"),
        _("O item sai sem grupo e código."),
        _("Confira a classe do ativo no cadastro."),
    ),
    "annual_cost_unknown": IssueText(
        _("Custo desconhecido em Bens e Direitos"),
        _("O item sai sem valor, e os totais não o incluem."),
        _("Informe o custo da posição (declaração anterior ou notas antigas)."),
        "opening",
    ),
    "annual_balance_incomplete": IssueText(
        _("Saldo de conta incompleto"),
        _("Falta o valor de um movimento: o saldo em 31/12 pode ser outro."),
        _("Complete os lançamentos da conta."),
    ),
    "annual_rate_missing": IssueText(
        _("Cotação de 31/12 que falta"),
        _("O saldo em moeda estrangeira não pôde ser convertido."),
        _("Atualize as cotações: a PTAX é buscada no Banco Central."),
        "price",
    ),
    "annual_dividend_place_unknown": IssueText(
        _("Retenção de 10 % sobre dividendos"),
        _("O formulário ainda não diz em que ficha ela entra."),
        _("Confira o programa da Receita quando for publicado."),
    ),
}
_OTHER = IssueText(
    _("Algo a conferir"),
    _("Um número pode estar incompleto."),
    _("Abra o lançamento e confira os seus campos."),
)


def issue_text(code: str) -> IssueText:
    """The words for an issue; a code without words of its own still gets some."""
    return TEXTS.get(code, _OTHER)
