// Exitus: small behaviours, each bound by an attribute, so that every page works without them.
// No framework and no eval: the Content-Security-Policy forbids it.
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));

  // ---- Theme: the browser's own choice, in a cookie so that the server writes it at once.
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
  const announceTheme = () => document.dispatchEvent(new CustomEvent("themechange"));
  systemDark.addEventListener("change", announceTheme);
  const toggleTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    announceTheme();
  };

  // ---- Dialogs: focus is trapped by <dialog> itself and returned here.
  let opener = null;
  const open = (dialog) => {
    if (!dialog || dialog.open) return;
    opener = document.activeElement;
    dialog.showModal();
  };
  document.addEventListener(
    "close",
    (event) => {
      if (!(event.target instanceof HTMLDialogElement)) return;
      if (opener && opener.isConnected) opener.focus();
      opener = null;
    },
    true,
  );

  const openPanel = async (link) => {
    const panel = one("#panel");
    link.setAttribute("aria-busy", "true");
    try {
      // The panel is its own source: what the link's surroundings say of swaps is not meant for it.
      await htmx.ajax("GET", link.href, { target: "#panel", swap: "innerHTML", source: "#panel" });
      if (panel.childElementCount) open(panel);
    } finally {
      link.removeAttribute("aria-busy");
    }
  };

  const copied = async (node) => {
    if (!node) return false;
    try {
      await navigator.clipboard.writeText(node.textContent.trim());
      return true;
    } catch {
      // Not allowed here (plain http, an old browser): the text is marked, and copied if it may be.
      getSelection().selectAllChildren(node);
      return document.execCommand("copy");
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest("[data-theme-toggle]")) return toggleTheme();
    const closer = target.closest("[data-close]");
    if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) {
        event.preventDefault();
        dialog.close();
      } else closer.closest(".toast, .flash")?.remove();
      return;
    }
    if (target instanceof HTMLDialogElement) target.close(); // a click on the backdrop
    const opens = target.closest("[data-open]");
    if (opens) {
      opens.closest("details.menu")?.removeAttribute("open");
      open(one(opens.dataset.open));
      return;
    }
    const copies = target.closest("[data-copy]");
    if (copies) {
      copied(one(copies.dataset.copy));
      return;
    }
    const beside = target.closest("[data-copy-beside]");
    if (beside) {
      copied(one("[data-copied]", beside.parentElement)).then((done) => {
        if (!done) return;
        beside.classList.add("copied");
        setTimeout(() => beside.classList.remove("copied"), 1600);
      });
      return;
    }
    if (target.closest("[data-print]")) return print();
    const plainClick = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    const panelLink = target.closest("a[data-panel]");
    if (panelLink && plainClick && window.htmx) {
      event.preventDefault();
      openPanel(panelLink);
      return;
    }
    const confirms = target.closest("button[data-confirm]");
    if (confirms && !window.confirm(confirms.dataset.confirm)) event.preventDefault();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(target)) menu.removeAttribute("open");
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) event.preventDefault();
    else if (form.dataset.once !== undefined) {
      // Sent once: a second click must not record the same thing twice.
      const button = event.submitter;
      if (button) setTimeout(() => { button.disabled = true; }, 0);
    }
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-once] button:disabled").forEach((b) => { b.disabled = false; });
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-autosubmit]");
    const waits = event.target.type === "text" || event.target.dataset.noAutosubmit !== undefined;
    if (form && !waits) form.requestSubmit();
    const drop = event.target.closest?.("[data-drop]");
    if (drop) showNames(drop, event.target.files);
  });

  // ---- The sum of weights as they are typed.
  const decimalComma = root.lang.startsWith("pt");
  const typedNumber = (text) => {
    const plain = text.replace("%", "").trim();
    return Number((decimalComma ? plain.replaceAll(".", "").replace(",", ".") : plain) || 0);
  };
  const sumWeights = (form) => {
    const total = one("[data-weights-total]", form);
    if (!total) return;
    const fields = Array.from(form.querySelectorAll("[data-weight]"), (field) => typedNumber(field.value));
    const sum = fields.reduce((a, b) => a + b, 0);
    const known = Number.isFinite(sum);
    total.textContent = known ? `${sum.toLocaleString(root.lang, { maximumFractionDigits: 2 })} %` : "—";
    total.classList.toggle("warn", !known || (sum !== 0 && Math.abs(sum - 100) > 0.1));
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-weights]");
    if (form) sumWeights(form);
  });
  document.querySelectorAll("form[data-weights]").forEach(sumWeights);

  // ---- Files dropped on a label around a file input.
  const showNames = (drop, files) => {
    const place = one("[data-drop-names]", drop);
    if (place) place.textContent = Array.from(files ?? [], (file) => file.name).join(", ");
  };
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("drop-over", kind === "dragover");
      const input = one('input[type="file"]', drop);
      if (kind !== "drop" || !input || !event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // ---- Keyboard: "/" search, "?" help, and what elements declare: data-key="n", data-key="g c".
  let prefix = "";
  let prefixTimer = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("details.menu[open]");
      if (menu) {
        menu.removeAttribute("open");
        one("summary", menu).focus();
      }
      return;
    }
    if (event.key.startsWith("Arrow")) return moveInSuggestions(event);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (one("dialog[open]")) return;
    if (event.key === "/") {
      const box = one("#q");
      if (!box?.offsetParent) return;
      event.preventDefault();
      box.focus();
      box.select();
      return;
    }
    if (event.key === "?") return open(one("#help"));
    const combo = prefix ? `${prefix} ${event.key}` : event.key;
    const target = byKey(combo);
    clearTimeout(prefixTimer);
    prefix = "";
    if (target) {
      event.preventDefault();
      target.click();
    } else if (event.key === "g") {
      prefix = "g";
      prefixTimer = setTimeout(() => { prefix = ""; }, 1200);
    }
  });
  const byKey = (combo) =>
    Array.from(document.querySelectorAll("[data-key]")).find((el) => el.dataset.key === combo);

  const moveInSuggestions = (event) => {
    const box = event.target.closest?.("[data-suggest]");
    if (!box || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const stops = [one("input", box), ...box.querySelectorAll(".suggestions a")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };

  // ---- What is typed while a form's fields are being exchanged stays typed.
  let typed = [];
  let writing = null;
  const writable = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), select, textarea";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = event.detail.target;
    if (!box?.matches?.("[data-keep-typed]")) return;
    typed = Array.from(box.querySelectorAll(writable), (field) => [field.name, field.value]);
    const at = document.activeElement;
    writing = box.contains(at) && at.matches(writable)
      ? { name: at.name, start: at.selectionStart, end: at.selectionEnd, direction: at.selectionDirection }
      : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const kept = typed;
    typed = [];
    for (const [name, value] of kept) {
      const field = one(`[data-keep-typed] [name="${CSS.escape(name)}"]`);
      if (!field?.matches(writable)) continue;
      const offered = field.tagName !== "SELECT" || Array.from(field.options).some((o) => o.value === value);
      if (offered) field.value = value;
    }
    // The caret and what was selected too, or the next key would write beside what it was to replace:
    // htmx gives focus back, but no selection that begins at the first character.
    const field = writing && one(`[data-keep-typed] [name="${CSS.escape(writing.name)}"]`);
    if (field?.matches(writable)) {
      field.focus({ preventScroll: true });
      if (Number.isInteger(writing.start) && field.setSelectionRange && field.selectionStart !== null) {
        field.setSelectionRange(writing.start, writing.end, writing.direction);
      }
    }
    writing = null;
    // Whatever follows the form was asked about the fields that are gone.
    if (kept.length) one("[data-keep-typed]")?.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ---- Tables that scroll inside their frame can be reached and scrolled by keyboard.
  const reachFrames = () => {
    for (const frame of document.querySelectorAll(".table-frame")) {
      const scrolls = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
      if (scrolls && getComputedStyle(frame).overflowX !== "visible") frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    }
  };
  document.addEventListener("htmx:afterSettle", reachFrames);
  addEventListener("resize", reachFrames);
  reachFrames();

  // ---- Tasks: the bell's list is polled; work that ends while one is here is announced.
  const seen = new Map();
  const toast = (text, href, linkText) => {
    const box = document.createElement("div");
    box.className = "toast";
    const words = document.createElement("span");
    words.className = "toast-text";
    words.textContent = text;
    box.append(words);
    if (href) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = linkText;
      box.append(link);
    }
    one("#toasts")?.append(box);
    setTimeout(() => box.remove(), 9000);
  };
  const readTasks = () => {
    for (const task of document.querySelectorAll("#bell [data-task]")) {
      const before = seen.get(task.dataset.task);
      const now = task.dataset.state;
      const wasOpen = before === "pending" || before === "running";
      if (wasOpen && (now === "done" || now === "failed")) {
        toast(task.dataset.toast, task.dataset.link, task.dataset.linkText);
        htmx.trigger(document.body, "task-ended");
      }
      seen.set(task.dataset.task, now);
    }
  };
  document.addEventListener("htmx:afterSettle", readTasks);
  // Figures that were being built when the page was written and are ready at the first look at the
  // bell: nothing else would tell the page.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id !== "bell" || one("#stale")?.childElementCount) return;
    if (one("#figures [data-stale]")) htmx.trigger(document.body, "figures-updated");
  });
  for (const kind of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(kind, (event) => {
      if (event.detail.elt?.id === "bell") return; // a missed poll comes again
      const status = event.detail.xhr?.status ?? 0;
      if (status === 0 || status >= 500) toast(document.body.dataset.offline);
    });
  }
  // A form refused with 400 or 422 answers with itself and its errors: show them.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([400, 409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
