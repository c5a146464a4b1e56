"""Words for figures: their names, how each is computed and where its definition comes from."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

MONEY, RATE, RATIO, DAYS = "money", "rate", "ratio", "days"


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure in words: its name, its kind (``money``, ``rate``, ``ratio`` or ``days``), its
    formula as a person would write it, and what it does and does not say."""

    name: Text
    kind: str
    formula: Text
    meaning: Text
    source: Text = ""


DEFINITIONS: dict[str, Definition] = {
    "start_value": Definition(
        _("Valor inicial"),
        MONEY,
        _("quantidade × preço × câmbio, no fechamento do dia inicial"),
        _("O que a seleção valia quando o período se abre."),
    ),
    "end_value": Definition(
        _("Valor final"),
        MONEY,
        _("quantidade × preço × câmbio, no fechamento do dia final"),
        _("O que a seleção vale quando o período se fecha."),
    ),
    "inflows": Definition(
        _("Entradas"),
        MONEY,
        _("soma do que entrou na seleção no período"),
        _("Sem caixa: compras com taxas. Com caixa: depósitos."),
    ),
    "outflows": Definition(
        _("Saídas"),
        MONEY,
        _("soma do que saiu da seleção no período"),
        _("Sem caixa: vendas e proventos líquidos. Com caixa: retiradas."),
    ),
    "absolute_gain": Definition(
        _("Ganho"),
        MONEY,
        _("valor final − valor inicial − entradas + saídas"),
        _("Quanto dinheiro o período trouxe, depois de taxas e do imposto retido."),
    ),
    "twr": Definition(
        _("Retorno ponderado pelo tempo"),
        RATE,
        _("(1 + r₁) × (1 + r₂) × … − 1, com r = (V + saídas) ÷ (V anterior + entradas) − 1"),
        _("O retorno da carteira como se não houvesse aportes: serve para comparar com índices."),
        _("GIPS: retorno ponderado pelo tempo, encadeado dia a dia."),
    ),
    "twr_annualised": Definition(
        _("Retorno anualizado"),
        RATE,
        _("(1 + retorno) ^ (365 ÷ dias) − 1"),
        _("O mesmo retorno por ano; com menos de um ano, supõe que o ritmo continue."),
    ),
    "irr": Definition(
        _("Retorno do seu dinheiro (TIR)"),
        RATE,
        _("a taxa em que a soma de fluxo ÷ (1 + taxa) ^ (dias ÷ 365) é zero"),
        _("Leva em conta quando e quanto foi aportado; compara com o que o dinheiro renderia."),
        _("Taxa interna de retorno, ano de 365 dias."),
    ),
    "real_twr": Definition(
        _("Retorno real"),
        RATE,
        _("(1 + retorno) ÷ (1 + IPCA do período) − 1"),
        _("O retorno acima da inflação."),
        _("IPCA (IBGE), série 433 do Banco Central."),
    ),
    "real_gain": Definition(
        _("Ganho real"),
        MONEY,
        _("ganho com valores e fluxos levados ao poder de compra do fim do período"),
        _("Quanto se ganhou além da inflação."),
        _("IPCA (IBGE), série 433 do Banco Central."),
    ),
    "gain_after_tax": Definition(
        _("Ganho depois do imposto"),
        MONEY,
        _("ganho − imposto apurado no período"),
        _(
            "O imposto retido na fonte já saiu do ganho. O apurado (bolsa, exterior, cripto e"
            " outros ganhos de capital) conta no último dia do seu mês ou ano, não no vencimento."
        ),
    ),
    "twr_after_tax": Definition(
        _("Retorno depois do imposto"),
        RATE,
        _("produto de (1 + r), com r = (V + saídas − imposto) ÷ (V anterior + entradas) − 1"),
        _("O retorno ponderado pelo tempo com o imposto apurado como custo do seu dia."),
    ),
    "irr_after_tax": Definition(
        _("TIR depois do imposto"),
        RATE,
        _("a TIR com o imposto apurado entre os fluxos"),
        _("O retorno do seu dinheiro com o imposto de cada mês ou ano pago no seu último dia."),
    ),
    "latent_tax": Definition(
        _("Imposto se vendesse tudo"),
        MONEY,
        _("imposto a mais de vender cada posição no fim, aos últimos preços"),
        _(
            "Estimativa antes de corretagem, com as isenções, prejuízos e alíquotas do mês."
            " Inclui o imposto de ganhos anteriores ao período."
        ),
    ),
    "gain_if_sold": Definition(
        _("Ganho se vendesse tudo"),
        MONEY,
        _("ganho − imposto apurado no período − imposto de vender tudo no fim"),
        _("Só se sabe quando o período começa sem nada: senão parte do imposto vem de antes."),
    ),
    "price": Definition(
        _("Preço"),
        MONEY,
        _("ganho realizado + não realizado − efeito do câmbio"),
        _("O que veio da variação dos preços na moeda de cada ativo."),
    ),
    "price_realised": Definition(
        _("Ganho realizado"),
        MONEY,
        _("vendas brutas − custo do que foi vendido"),
        _("O que já foi vendido; o que havia no início conta pelo valor daquele dia."),
    ),
    "price_unrealised": Definition(
        _("Ganho não realizado"),
        MONEY,
        _("valor final − custo do que resta"),
        _("O que ainda está em carteira."),
    ),
    "income_gross": Definition(
        _("Proventos brutos"),
        MONEY,
        _("soma de dividendos, JCP, rendimentos e juros antes do imposto"),
        _("Pelo dia em que foram pagos."),
    ),
    "income_net": Definition(
        _("Proventos líquidos"),
        MONEY,
        _("proventos brutos − imposto retido"),
        _("O que chegou à conta."),
    ),
    "income_withheld": Definition(
        _("Imposto retido dos proventos"), MONEY, _("soma do retido na fonte"), ""
    ),
    "fees": Definition(
        _("Taxas"), MONEY, _("corretagem, emolumentos e tarifas"), _("Diminuem o ganho.")
    ),
    "taxes": Definition(
        _("Impostos"), MONEY, _("imposto retido e imposto lançado"), _("Diminuem o ganho.")
    ),
    "currency": Definition(
        _("Câmbio"),
        MONEY,
        _("o que os mesmos valores mudaram só pela cotação da moeda"),
        _("Zero quando tudo está na moeda do relatório."),
    ),
    "volatility_annualised": Definition(
        _("Volatilidade"),
        RATE,
        _("desvio-padrão dos retornos diários (log) × √252"),
        _("Quanto o retorno oscila num ano típico; dias úteis com valor."),
    ),
    "downside_annualised": Definition(
        _("Desvio de baixa"),
        RATE,
        _("como a volatilidade, só com os dias abaixo da média"),
        _("A oscilação que incomoda."),
    ),
    "sharpe": Definition(
        _("Índice de Sharpe"),
        RATIO,
        _("(retorno anual − taxa livre de risco anual) ÷ volatilidade"),
        _("Prêmio por unidade de risco; a taxa livre é a escolhida, em geral o CDI."),
        "Sharpe, W. F. (1994), The Sharpe Ratio.",
    ),
    "sortino": Definition(
        _("Índice de Sortino"),
        RATIO,
        _("(retorno anual − taxa livre de risco anual) ÷ desvio de baixa"),
        _("Como o de Sharpe, contando só a oscilação para baixo."),
        "Sortino, F. A. (1994).",
    ),
    "max_drawdown": Definition(
        _("Maior queda"),
        RATE,
        _("1 − índice ÷ maior índice até então, no pior dia"),
        _("A maior perda desde um topo, medida no retorno, sem o efeito dos aportes."),
    ),
    "current_drawdown": Definition(
        _("Queda atual"),
        RATE,
        _("1 − índice de hoje ÷ maior índice"),
        _("Quanto falta para voltar ao topo."),
    ),
    "var_95": Definition(
        _("Perda de um dia ruim (95 %)"),
        RATE,
        _("o retorno diário que só 5 % dos dias ficaram abaixo, com o sinal trocado"),
        _("Histórico: supõe que os dias que vêm se pareçam com os do período."),
    ),
    "var_99": Definition(
        _("Perda de um dia muito ruim (99 %)"),
        RATE,
        _("o retorno diário que só 1 % dos dias ficaram abaixo, com o sinal trocado"),
        _("Histórico: supõe que os dias que vêm se pareçam com os do período."),
    ),
    "beta": Definition(
        _("Beta"),
        RATIO,
        _("covariância com a referência ÷ variância da referência"),
        _("Quanto a carteira costuma andar para cada 1 % da referência."),
    ),
    "correlation": Definition(
        _("Correlação"),
        RATIO,
        _("covariância ÷ (desvio da carteira × desvio da referência)"),
        _("1: andam juntas; 0: nada têm a ver; −1: andam ao contrário."),
    ),
    "tracking_error": Definition(
        _("Distância da referência (tracking error)"),
        RATE,
        _("desvio-padrão da diferença diária para a referência × √252"),
        _("Quanto a carteira se afasta da referência num ano típico."),
    ),
    "contribution": Definition(
        _("Contribuição"),
        RATE,
        _("parte do retorno do período que veio de cada linha; somadas, dão o retorno"),
        _("Ganho do dia ÷ valor do dia, encadeado até o fim do período."),
    ),
    "hhi": Definition(
        _("Concentração (HHI)"),
        RATIO,
        _("soma dos quadrados das participações"),
        _("1: um só ativo. O inverso diz a quantos ativos iguais equivale."),
        _("Índice de Herfindahl-Hirschman."),
    ),
    "yield_on_value": Definition(
        _("Rendimento (12 meses)"),
        RATE,
        _("proventos brutos dos últimos 12 meses ÷ valor final"),
        "",
    ),
    "yield_on_cost": Definition(
        _("Rendimento sobre o custo (12 meses)"),
        RATE,
        _("proventos brutos dos últimos 12 meses ÷ custo do que se tem"),
        "",
    ),
    "growth": Definition(
        _("Crescimento dos proventos"),
        RATE,
        _("últimos 12 meses ÷ 12 meses anteriores − 1"),
        "",
    ),
    "invested": Definition(
        _("Aportes"),
        MONEY,
        _("valor inicial + entradas − saídas"),
        _("O dinheiro posto até o fim do período, menos o retirado."),
    ),
    "inflation": Definition(
        _("Inflação do período (IPCA)"),
        RATE,
        _("(1 + mês₁) × (1 + mês₂) × … − 1"),
        _("O mês que o período corta conta pela parte dos seus dias."),
        _("IPCA (IBGE), série 433 do Banco Central."),
    ),
    "benchmark_twr": Definition(
        _("Retorno da referência"),
        RATE,
        _("nível no fim ÷ nível no início − 1"),
        _("O que a referência rendeu nos mesmos dias, sem aportes nem retiradas."),
    ),
    "benchmark_excess": Definition(
        _("A carteira a mais"),
        RATE,
        _("(1 + retorno da carteira) ÷ (1 + retorno da referência) − 1"),
        _("Quanto a carteira cresceu além da referência, nos dias em que ela é conhecida."),
    ),
    "benchmark_value": Definition(
        _("O mesmo dinheiro na referência"),
        MONEY,
        _("soma de cada fluxo × nível no fim ÷ nível no dia do fluxo"),
        _("Os mesmos aportes e retiradas, nos mesmos dias, aplicados na referência."),
    ),
    "benchmark_gain": Definition(
        _("Ganho na referência"),
        MONEY,
        _("o que o mesmo dinheiro valeria − valor inicial − entradas + saídas"),
        _("Quanto o mesmo dinheiro teria ganho na referência."),
    ),
    "longest_drawdown": Definition(
        _("Tempo mais longo abaixo de um topo"),
        DAYS,
        _("dias do topo até o índice passar dele, ou até o fim"),
        _("Quanto tempo se esperou para voltar ao que já se teve."),
    ),
    "rolling_median": Definition(
        _("Janela do meio"),
        RATE,
        _("a mediana: metade das janelas rendeu menos, metade mais"),
        _("O retorno de quem tivesse começado num dia qualquer."),
    ),
    "share": Definition(
        _("Participação"),
        RATE,
        _("valor da parte ÷ valor de tudo, no fim do período"),
        _("Quanto do que se tem está nesta parte."),
    ),
    "drift": Definition(
        _("Diferença para a meta"),
        RATE,
        _("participação − meta"),
        _("Em pontos percentuais: positiva é mais do que a meta."),
    ),
    "to_target": Definition(
        _("Comprar ou vender"),
        MONEY,
        _("meta × valor de tudo − valor da parte"),
        _("O que leva a parte à meta sem dinheiro novo; negativo é vender."),
    ),
    "top_share": Definition(
        _("Participação dos maiores"),
        RATE,
        _("soma das maiores participações"),
        _("Quanto do que se tem depende de poucos ativos. Caixa não conta."),
    ),
    "income_last_year": Definition(
        _("Proventos dos últimos 12 meses"),
        MONEY,
        _("soma dos proventos brutos dos 12 meses até o fim do período"),
        _("Pelo dia em que foram pagos, qualquer que seja o início do período."),
    ),
    "income_year_before": Definition(
        _("Proventos dos 12 meses anteriores"),
        MONEY,
        _("soma dos proventos brutos dos 12 meses antes dos últimos 12"),
        _("Com o que se compara o último ano."),
    ),
    "income_average": Definition(
        _("Proventos por mês"),
        MONEY,
        _("proventos brutos do período ÷ meses do período"),
        _("Contam também os meses em que nada foi pago, desde o primeiro pagamento."),
    ),
    "income_share": Definition(
        _("Parte dos proventos"),
        RATE,
        _("proventos brutos do ativo ÷ proventos brutos de tudo, no período"),
        _("Quanto da renda vem deste ativo."),
    ),
}
