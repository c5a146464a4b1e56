// Charts: each [data-chart] element is drawn from the JSON of its data-url. Colours, type and
// locale come from the page, so that charts follow the theme. SVG renderer, rich-text tooltip:
// both hold under a policy without inline style.
"use strict";
(() => {
  const drawn = new Map();
  const lang = document.documentElement.lang || "pt-BR";
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // ---- Tokens: a hidden probe resolves CSS variables to what the theme makes of them.
  const token = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const theme = () => ({
    ink: token("--ink"), ink2: token("--ink-2"), ink3: token("--ink-3"), line: token("--line"),
    line2: token("--line-2"), card: token("--card"), accent: token("--accent"),
    gain: token("--gain"), loss: token("--loss"),
    tones: Array.from({ length: 10 }, (_, i) => token(`--tone-${i + 1}`)),
    font: getComputedStyle(document.body).fontFamily,
  });
  const fade = (colour, alpha) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

  // ---- Figures and dates as people of this language write them.
  const compact = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 2 });
  const number = (places) =>
    new Intl.NumberFormat(lang, { minimumFractionDigits: places, maximumFractionDigits: places });
  const money = (currency) => {
    const format = new Intl.NumberFormat(lang, { style: "currency", currency });
    return (value) => (value === null || Number.isNaN(value) ? "—" : format.format(value));
  };
  const noon = (iso) => new Date(`${iso}T12:00:00`);
  const longDay = (iso) => new Intl.DateTimeFormat(lang, { dateStyle: "medium" }).format(noon(iso));
  const axisDay = (dates) => {
    const years = (noon(dates.at(-1)) - noon(dates[0])) / 31557600000;
    const shape = years > 3 ? { year: "numeric" } : years > 0.5 ? { month: "short", year: "2-digit" } : { day: "2-digit", month: "short" };
    const format = new Intl.DateTimeFormat(lang, shape);
    return (iso) => format.format(noon(iso)).replace(/ de /g, " ").replaceAll(".", "");
  };
  const values = (list) => (list ?? []).map((v) => (v === null ? null : Number(v)));

  // ---- What every chart shares.
  const base = (t) => ({
    animation: !still,
    animationDuration: 350,
    textStyle: { fontFamily: t.font, color: t.ink2, fontSize: 12 },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: t.card,
      borderColor: t.line, borderWidth: 1, padding: [8, 12],
      textStyle: { color: t.ink, fontFamily: t.font, fontSize: 12.5 },
      axisPointer: { lineStyle: { color: t.ink3, width: 1, type: "dashed" } },
    },
  });
  // Each year, month or day is named once, where it begins.
  const dayAxis = (t, dates) => {
    const shown = axisDay(dates);
    const begins = (at) => at === 0 || shown(dates[at]) !== shown(dates[at - 1]);
    return {
      type: "category", data: dates, boundaryGap: false,
      axisLine: { lineStyle: { color: t.line } }, axisTick: { show: false },
      axisLabel: { color: t.ink3, hideOverlap: true, interval: begins, formatter: shown, alignMinLabel: "left" },
    };
  };
  const valueAxis = (t, extra) => ({
    type: "value", scale: true, splitNumber: 4, splitLine: { lineStyle: { color: t.line2 } },
    axisLabel: { color: t.ink3, formatter: (v) => compact.format(v) }, ...extra,
  });
  // A baseline of zero unless it would flatten the line: then the axis says where it starts.
  const fromZero = (numbers) => {
    const known = numbers.filter((n) => n !== null);
    return { scale: Math.min(...known) > 0.6 * Math.max(...known) };
  };
  const endLabel = (name, colour, weight) => ({
    show: true, formatter: name, color: colour, fontWeight: weight, fontSize: 12, distance: 6,
  });
  const tip = (write) => (points) => {
    if (!points.length) return "";
    const lines = points
      .filter((p) => p.value !== null && p.value !== undefined && !p.seriesName.startsWith("_"))
      .map((p) => `${p.seriesName}  ${write(Array.isArray(p.value) ? p.value[1] : p.value, p)}`);
    return [longDay(points[0].axisValue), ...lines].join("\n");
  };

  const kinds = {
    // Worth and contributions: {dates, value, net_invested, labels: {value, net_invested}}
    evolution(data, t, box) {
      const write = money(data.currency);
      const wide = box.clientWidth > 520;
      const value = values(data.value);
      const invested = values(data.net_invested);
      const whole = !value.includes(null) && !invested.includes(null);
      const line = { type: "line", animation: whole, symbol: "none", connectNulls: false, sampling: "lttb" };
      return {
        ...base(t),
        tooltip: { ...base(t).tooltip, formatter: tip(write) },
        grid: { left: wide ? 60 : 52, right: wide ? 92 : 12, top: wide ? 14 : 34, bottom: 28 },
        legend: wide ? undefined : { top: 0, right: 0, icon: "roundRect", itemWidth: 14, itemHeight: 3, textStyle: { color: t.ink2 } },
        xAxis: dayAxis(t, data.dates),
        yAxis: valueAxis(t, fromZero([...value, ...invested])),
        series: [
          { ...line, name: data.labels.value, data: value, lineStyle: { width: 2, color: t.tones[0] }, itemStyle: { color: t.tones[0] }, areaStyle: { color: fade(t.tones[0], 0.09) }, endLabel: wide ? endLabel(data.labels.value, t.tones[0], 600) : undefined },
          { ...line, name: data.labels.net_invested, step: "end", data: invested, lineStyle: { width: 1.5, type: [4, 4], color: t.ink3 }, itemStyle: { color: t.ink3 }, endLabel: wide ? endLabel(data.labels.net_invested, t.ink3, 400) : undefined, labelLayout: { moveOverlap: "shiftY" } },
        ],
      };
    },
  };

  const draw = (box) => {
    const state = drawn.get(box);
    if (!state) return;
    const option = kinds[box.dataset.chart](state.data, theme(), box);
    // Drawn again (theme, width): at once, only the first drawing moves.
    if (state.drawn) for (const part of [option, ...option.series]) part.animation = false;
    state.chart.setOption(option, true);
    state.drawn = true;
  };

  const say = (box, text) => {
    const note = document.createElement("p");
    note.className = "faint small";
    note.textContent = text;
    box.replaceChildren(note);
  };

  const wait = (box) => {
    drawn.delete(box);
    const tries = Number(box.dataset.tries ?? 0) + 1;
    box.dataset.tries = tries;
    if (tries > 30) return say(box, box.dataset.failed);
    say(box, box.dataset.waiting);
    setTimeout(() => box.isConnected && load(box), Math.min(1000 * tries, 5000));
  };

  // Charts of one page that draw from the same address ask it once.
  const asking = new Map();
  const ask = (url) => {
    const read = async () => {
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.status === 202 ? null : await answer.json();
      } finally {
        asking.delete(url);
      }
    };
    if (!asking.has(url)) asking.set(url, read());
    return asking.get(url);
  };

  const load = async (box) => {
    if (drawn.has(box) || !kinds[box.dataset.chart] || !window.echarts) return;
    drawn.set(box, null);
    box.setAttribute("aria-busy", "true");
    let data;
    try {
      data = await ask(box.dataset.url);
      if (data === null) return wait(box); // the worker is still building it
    } catch {
      // Left undrawn on purpose: the table beside it has the same figures.
      drawn.delete(box);
      return say(box, box.dataset.failed || document.body.dataset.offline);
    } finally {
      box.removeAttribute("aria-busy");
    }
    const has = kinds[box.dataset.chart].has ?? ((found) => found.dates?.length);
    if (!has(data)) return say(box, box.dataset.empty || "—");
    box.replaceChildren();
    const chart = echarts.init(box, null, { renderer: "svg" });
    drawn.set(box, { chart, data });
    draw(box);
    let width = box.clientWidth;
    new ResizeObserver(() => {
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      chart.resize();
      draw(box);
    }).observe(box);
  };

  const loadAll = () => {
    for (const [box, state] of drawn) {
      if (!box.isConnected) {
        state?.chart.dispose();
        drawn.delete(box);
      }
    }
    document.querySelectorAll("[data-chart]").forEach(load);
  };
  // What other scripts build their kinds of chart from, and where they put them.
  window.exitusCharts = {
    kinds, lang, compact, number, money, longDay, values, fade, base, dayAxis, valueAxis, fromZero, endLabel, tip,
    redraw: draw,
  };
  document.addEventListener("DOMContentLoaded", loadAll);
  document.addEventListener("htmx:afterSettle", loadAll);
  document.addEventListener("themechange", () => { for (const box of drawn.keys()) draw(box); });
  if (document.readyState !== "loading") loadAll();
})();
