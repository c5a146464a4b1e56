"""Doubts about taxes and the annual return."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.issue_texts.model import IssueText

TAXES: dict[str, IssueText] = {
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
        _("A alíquota depende dos dias, e a linha não diz quanto foi retido: usamos a mais alta."),
        _("Informe o imposto retido, ou os dias na anotação (por exemplo 90 dias)."),
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
