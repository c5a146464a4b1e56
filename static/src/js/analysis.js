// Charts of the analyses, drawn by chart.js: return against benchmarks, worth, falls, moving
// windows, where the worth is, income by month, an asset's price with its trades.
"use strict";
(() => {
  const charts = window.exitusCharts;
  if (!charts) return;
  const { kinds, lang, values, money, number, longDay, fade, base, dayAxis, valueAxis, fromZero, endLabel, tip } = charts;

  const percent = (places) => {
    const format = new Intl.NumberFormat(lang, { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places });
    return (value) => (value === null || Number.isNaN(value) ? "—" : format.format(value));
  };
  const axisPercent = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 1 });
  const word = (box, name) => box.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  const names = (box) => JSON.parse(box.dataset.names || "{}");
  const isWide = (box) => box.clientWidth > 520;
  const frame = (wide, right) => ({ left: wide ? 56 : 46, right: wide ? right : 12, top: wide ? 14 : 40, bottom: 28 });
  const legend = (t, wide) => (wide ? undefined : { top: 0, left: 0, right: 0, type: "scroll", icon: "roundRect", itemWidth: 14, itemHeight: 3, textStyle: { color: t.ink2 } });
  const line = (name, colour, data, extra) => ({
    type: "line", name, data, symbol: "none", connectNulls: false, sampling: "lttb", animation: !data.includes(null),
    lineStyle: { width: 1.5, color: colour }, itemStyle: { color: colour }, labelLayout: { moveOverlap: "shiftY" }, ...extra,
  });
  const percentAxis = (t, extra) => valueAxis(t, { axisLabel: { color: t.ink3, formatter: (v) => axisPercent.format(v) }, ...extra });
  const zero = (t) => ({ silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: t.ink3, width: 1, type: "solid", opacity: 0.6 }, data: [{ yAxis: 0 }] });

  // A colour laid over another, as far as its share.
  const parts = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  const mix = (top, under, share) => {
    const below = parts(under);
    return `rgb(${parts(top).map((v, at) => Math.round(v * share + below[at] * (1 - share))).join(", ")})`;
  };

  // An axis of four or so round steps around some numbers.
  const roundAxis = (numbers, withZero = true) => {
    const known = numbers.filter((n) => n !== null);
    const low = Math.min(...known, ...(withZero ? [0] : []));
    // Nothing but zeros, or but one number, still needs an axis with a height.
    const most = Math.max(...known, ...(withZero ? [0] : []));
    const high = most > low ? most : low + (Math.abs(low) * 0.02 || 0.01);
    const rough = (high - low) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 2.5, 5].find((n) => n * power >= rough) ?? 10);
    return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step, interval: step };
  };
  // Where the names at the ends of lines go so that none lies on another: pixels down from each end.
  const apart = (ends, axis, height) => {
    const gap = 15;
    const places = ends.map((end, at) => ({ at, want: ((axis.max - end) / (axis.max - axis.min)) * height }));
    places.sort((a, b) => a.want - b.want).forEach((place, n) => {
      place.y = n ? Math.max(place.want, places[n - 1].y + gap) : place.want;
    });
    const over = Math.max(0, (places.at(-1)?.y ?? 0) - height);
    const shifts = [];
    for (const place of places) shifts[place.at] = place.y - over - place.want;
    return shifts;
  };

  // Lines with their names at the ends, none on another: [name, colour, weight, data, extra].
  const named = (lines, axis, space, box, wide) => {
    const ends = lines.map(([, , , data]) => data.findLast((v) => v !== null) ?? axis.min);
    const shifts = wide ? apart(ends, axis, box.clientHeight - space.top - space.bottom) : [];
    return lines.map(([name, colour, weight, data, extra], at) => line(name, extra.lineStyle.color, data, {
      ...extra, endLabel: wide ? { ...endLabel(name, colour, weight), offset: [0, shifts[at]] } : undefined,
    }));
  };

  // {dates, return, benchmarks: [{benchmark, return}]}
  kinds.compare = (data, t, box) => {
    const wide = isWide(box);
    const label = names(box);
    const colours = [t.ink3, t.tones[1], t.tones[2], t.tones[3], t.tones[5], t.tones[6]];
    // Only the days each is known on: before and after, a flat line would be invented.
    const spans = JSON.parse(box.dataset.spans || "{}");
    const within = (item) => {
      const [since, until] = spans[item.benchmark] ?? ["", "9999"];
      return values(item.return).map((v, at) => (data.dates[at] < since || data.dates[at] > until ? null : v));
    };
    const lines = [
      { name: word(box, "return"), list: values(data.return), colour: t.tones[0], weight: 600, style: { width: 2.25, color: t.tones[0] }, z: 4 },
      ...data.benchmarks.filter((item) => spans[item.benchmark]?.[1] !== "0000").map((item, at) => ({ name: label[item.benchmark] ?? item.benchmark, list: within(item), colour: colours[at % colours.length], weight: 400, style: { width: 1.5, color: colours[at % colours.length], type: at ? [5, 3] : "solid" }, z: 2 })),
    ];
    const axis = roundAxis(lines.flatMap((one) => one.list));
    const space = frame(wide, 140);
    const shifts = apart(lines.map((one) => one.list.findLast((v) => v !== null) ?? 0), axis, box.clientHeight - space.top - space.bottom);
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, formatter: tip(percent(2)) },
      grid: space, legend: legend(t, wide), xAxis: { ...dayAxis(t, data.dates), axisLine: { onZero: false, lineStyle: { color: t.line } } }, yAxis: percentAxis(t, { scale: false, ...axis }),
      series: lines.map((one, at) => line(one.name, one.colour, one.list, {
        z: one.z, lineStyle: one.style, markLine: at ? undefined : zero(t),
        endLabel: wide ? { ...endLabel(one.name, one.colour, one.weight), offset: [0, shifts[at]] } : undefined,
      })),
    };
  };

  // {dates, value, invested, currency}
  kinds.worth = (data, t, box) => {
    const wide = isWide(box);
    const worth = values(data.value);
    const put = values(data.invested);
    const [one, two] = [word(box, "value"), word(box, "invested")];
    const axis = roundAxis([...worth, ...put], !fromZero([...worth, ...put]).scale);
    const space = frame(wide, 92);
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, formatter: tip(money(data.currency)) },
      grid: space, legend: legend(t, wide), xAxis: dayAxis(t, data.dates), yAxis: valueAxis(t, axis),
      series: named([
        [one, t.tones[0], 600, worth, { lineStyle: { width: 2, color: t.tones[0] }, areaStyle: { color: fade(t.tones[0], 0.09), origin: "start" } }],
        [two, t.ink2, 400, put, { step: "end", lineStyle: { width: 1.5, type: [4, 4], color: t.ink3 } }],
      ], axis, space, box, wide),
    };
  };

  // {dates, drawdown}: fractions, never above zero
  kinds.drawdown = (data, t, box) => {
    const falls = values(data.drawdown);
    const low = falls.reduce((best, v, at) => (v !== null && v < (falls[best] ?? 0) ? at : best), 0);
    const mark = falls[low] < 0
      ? { symbol: "circle", symbolSize: 8, animation: false, itemStyle: { color: t.loss, borderColor: t.card, borderWidth: 1.5 }, label: { show: true, position: low > falls.length / 2 ? "left" : "right", color: t.loss, fontWeight: 600, formatter: `${percent(1)(falls[low])} · ${longDay(data.dates[low])}` }, data: [{ coord: [low, falls[low]] }] }
      : undefined;
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, formatter: tip(percent(2)) },
      grid: { ...frame(isWide(box), 16), top: 14 }, xAxis: { ...dayAxis(t, data.dates), axisLine: { onZero: false, lineStyle: { color: t.line } } }, yAxis: percentAxis(t, { max: 0, scale: false }),
      series: [line(word(box, "value"), t.loss, falls, { areaStyle: { color: fade(t.loss, 0.14), origin: "end" }, markPoint: mark })],
    };
  };

  // {dates, return, volatility} of windows by their last day
  kinds.rolling = (data, t, box) => {
    const wide = isWide(box);
    const [one, two] = [word(box, "return"), word(box, "value")];
    const [returns, spread] = [values(data.return), values(data.volatility)];
    const axis = roundAxis([...returns, ...spread]);
    const space = frame(wide, 100);
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, formatter: tip(percent(2)) },
      grid: space, legend: legend(t, wide), xAxis: { ...dayAxis(t, data.dates), axisLine: { onZero: false, lineStyle: { color: t.line } } }, yAxis: percentAxis(t, { scale: false, ...axis }),
      series: named([
        [one, t.tones[0], 600, returns, { lineStyle: { width: 2, color: t.tones[0] }, markLine: zero(t) }],
        [two, t.tones[1], 400, spread, { lineStyle: { width: 1.5, type: [5, 3], color: t.tones[1] } }],
      ], axis, space, box, wide),
    };
  };

  // {slices: [{key, label, value, share, children}]}; the tones by key come with the element
  kinds.treemap = (data, t, box) => {
    const tones = JSON.parse(box.dataset.tones || "{}");
    const none = box.dataset.none;
    const share = percent(1);
    const write = money(data.currency);
    const total = data.slices.reduce((sum, slice) => sum + Math.max(0, Number(slice.value)), 0);
    const leaf = (item, colour) => ({ name: item.label || none, value: Number(item.value), itemStyle: { color: mix(colour, t.card, 0.24) } });
    const items = data.slices.filter((slice) => Number(slice.value) > 0).map((slice) => {
      const colour = t.tones[Number(tones[slice.key] ?? 10) - 1];
      const children = (slice.children ?? []).filter((child) => Number(child.value) > 0);
      return children.length > 1
        ? { ...leaf(slice, colour), itemStyle: { color: t.card, borderColor: mix(colour, t.card, 0.42) }, children: children.map((child) => leaf(child, colour)) }
        : leaf(slice, colour);
    });
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, trigger: "item", formatter: (p) => (p.name ? `${p.treePathInfo.slice(1).map((step) => step.name).join(" · ")}\n${write(p.value)}  ${share(p.value / total)}` : "") },
      series: [{
        type: "treemap", data: items, left: 0, right: 0, top: 0, bottom: 0, roam: false, nodeClick: false, breadcrumb: { show: false }, visibleMin: 60,
        label: { color: t.ink, fontSize: 12.5, lineHeight: 18, fontFamily: t.font, overflow: "truncate", formatter: (p) => `${p.name}\n${share(p.value / total)}` },
        upperLabel: { show: true, height: 26, color: t.ink, fontWeight: 600, fontFamily: t.font, formatter: (p) => `${p.name}  ${share(p.value / total)}` },
        itemStyle: { borderColor: t.card, borderWidth: 0, gapWidth: 2 },
        levels: [
          { upperLabel: { show: false }, itemStyle: { borderWidth: 0, gapWidth: 4, borderColor: t.card } },
          { itemStyle: { borderWidth: 2, gapWidth: 2 } },
          { itemStyle: { borderWidth: 0, gapWidth: 1, borderColor: t.card } },
        ],
      }],
    };
  };
  kinds.treemap.has = (data) => data.slices?.some((slice) => Number(slice.value) > 0);

  // {months: [{month, net, year_before}], currency}
  kinds.income = (data, t, box) => {
    const wide = isWide(box);
    const write = money(data.currency);
    const months = data.months.map((item) => `${item.month}-01`);
    const month = new Intl.DateTimeFormat(lang, { month: "short", year: "2-digit" });
    const shown = (iso) => month.format(new Date(`${iso}T12:00:00`)).replace(/ de /g, " ").replaceAll(".", "");
    const bars = (name, colour, list) => ({ type: "bar", name, data: list, itemStyle: { color: colour, borderRadius: [2, 2, 0, 0] }, barMaxWidth: 26, barGap: "10%" });
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: fade(t.ink3, 0.1) } }, formatter: (points) => [shown(points[0].axisValue), ...points.map((p) => `${p.seriesName}  ${write(p.value)}`)].join("\n") },
      grid: { left: wide ? 56 : 46, right: 12, top: 34, bottom: 28 },
      legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: { color: t.ink2 } },
      xAxis: { type: "category", data: months, axisLine: { lineStyle: { color: t.line } }, axisTick: { show: false }, axisLabel: { color: t.ink3, hideOverlap: true, formatter: shown } },
      yAxis: valueAxis(t, { scale: false }),
      series: [
        bars(word(box, "value"), t.tones[0], data.months.map((item) => Number(item.gross))),
        bars(word(box, "invested"), mix(t.ink3, t.card, 0.45), data.months.map((item) => Number(item.year_before))),
      ],
    };
  };
  kinds.income.has = (data) => data.months?.some((item) => Number(item.gross) || Number(item.year_before));

  // {prices: {dates, close, adjusted, marks, cost}}: adjusted to today's shares, or as traded
  kinds.asset = (data, t, box) => {
    const wide = isWide(box);
    const adjusted = box.dataset.mode !== "traded";
    const { prices } = data;
    const field = adjusted ? "adjusted" : "price";
    const write = number(2);
    const kind = JSON.parse(box.dataset.kinds || "{}");
    const close = new Map(prices.dates.map((day, at) => [day, Number((adjusted ? prices.adjusted : prices.close)[at])]));
    const dates = [...new Set([...prices.dates, ...prices.marks.map((m) => m.date)])].sort();
    const steps = prices.cost.map((point) => [point.date, adjusted ? point.adjusted : point.cost]);
    let at = -1;
    const cost = dates.map((day) => {
      while (at + 1 < steps.length && steps[at + 1][0] <= day) at += 1;
      return at < 0 || steps[at][1] === null ? null : Number(steps[at][1]);
    });
    const own = (sides) => prices.marks.filter((m) => m.side === sides).map((m) => {
      const price = m.side === "income" ? close.get(m.date) : Number(m[field] ?? close.get(m.date));
      const amount = m.quantity !== null ? Number(m.quantity).toLocaleString(lang, { maximumFractionDigits: 8 }) : write.format(Number(m.amount));
      return { value: [m.date, price ?? null], text: `${kind[m.kind] ?? m.kind} ${amount}${m.side === "income" || m[field] === null ? "" : ` × ${write.format(Number(m[field]))}`}` };
    }).filter((point) => Number.isFinite(point.value[1]));
    const marks = (name, sides, symbol, colour, rotate, size) => ({ type: "scatter", name, symbol, symbolSize: size, symbolRotate: rotate, data: own(sides), itemStyle: { color: colour, borderColor: t.card, borderWidth: 1.5 }, z: 5 });
    const closes = dates.map((day) => close.get(day) ?? null);
    const points = ["buy", "sell", "income"].flatMap((side) => own(side).map((point) => point.value[1]));
    const axis = roundAxis([...closes, ...cost, ...points], false);
    const space = { left: wide ? 60 : 52, right: wide ? 92 : 12, top: 34, bottom: 28 };
    const style = { step: "end", lineStyle: { width: 1.5, type: [4, 4], color: t.ink3 } };
    const words = Object.fromEntries(["close", "cost", "buys", "sells", "income"].map((name) => [name, word(box, name)]));
    return {
      ...base(t),
      tooltip: { ...base(t).tooltip, formatter: tip((v, p) => p.data?.text ?? write.format(v)) },
      grid: space,
      legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: t.ink2 }, data: [words.buys, words.sells, words.income] },
      xAxis: dayAxis(t, dates),
      yAxis: valueAxis(t, { ...axis, axisLabel: { color: t.ink3, formatter: (v) => write.format(v) } }),
      series: [
        ...named([
          [words.close, t.tones[0], 600, closes, { connectNulls: true, animation: false, lineStyle: { width: 2, color: t.tones[0] } }],
          ...(cost.at(-1) != null ? [[words.cost, t.ink2, 400, cost, style]] : []),
        ], axis, space, box, wide),
        ...(cost.at(-1) != null ? [] : [line(words.cost, t.ink3, cost, style)]),
        marks(words.buys, "buy", "triangle", t.gain, 0, 11), marks(words.sells, "sell", "triangle", t.loss, 180, 11), marks(words.income, "income", "circle", t.tones[1], 0, 7),
      ],
    };
  };
  kinds.asset.has = (data) => data.prices?.dates.length;

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-chart-mode]");
    const box = button && document.getElementById(button.getAttribute("aria-controls"));
    if (!box) return;
    box.dataset.mode = button.dataset.chartMode;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    charts.redraw(box);
  });
})();
