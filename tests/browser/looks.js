// What is looked at on a page, beside what axe looks at by itself. Each answers with texts; none: all is well.
window.looks = (() => {
  const LEAST = 24; // px each way, WCAG 2.5.8
  const MOVES = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const shown = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("[aria-hidden=true], [inert]");
  const stops = () => [...document.querySelectorAll(MOVES)].filter((each) => shown(each) && !each.disabled && each.tabIndex >= 0);
  const named = (each) => (each.getAttribute("aria-label") ?? each.labels?.[0]?.innerText ?? each.innerText ?? "").replace(/\s+/g, " ").trim();
  const told = (each) => `${each.localName} “${named(each).slice(0, 60)}”`;

  const run = async (where, how) => {
    const said = await axe.run(where, { resultTypes: ["violations"], iframes: false, preload: false, ...how });
    return said.violations.flatMap((rule) => rule.nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map((check) => check.message);
      return `${rule.id} at ${node.target.join(" ")}: ${why.join("; ")}`;
    }));
  };

  // Colours do not depend on words: of texts that look alike one is judged, wherever it stands. Alike: the same
  // elements around it, each in the same colours and sizes. Such a look is a number.
  let alike = new Map();
  const styles = () => {
    const known = new Map();
    const look = (each) => {
      if (!each) return 0;
      if (!known.has(each)) {
        const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textDecorationLine } = getComputedStyle(each);
        const own = [each.localName, color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textDecorationLine];
        let made = look(each.parentElement);
        for (const letter of own.join(" ")) made = (Math.imul(made, 31) + letter.codePointAt(0)) | 0;
        known.set(each, made);
      }
      return known.get(each);
    };
    alike = new Map();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const around = texts.currentNode.parentElement;
      if (texts.currentNode.data.trim() && around.checkVisibility()) alike.set(look(around), around);
    }
    for (const field of document.querySelectorAll("input, select, textarea")) alike.set(look(field), field);
    return [...alike.keys()];
  };

  // A target smaller than it should be may be hit beside it too: on its label, or on what it spreads over a card.
  const hit = (each) => {
    const found = (x, y) => {
      const at = document.elementFromPoint(x, y);
      return each.contains(at) || [...(each.labels ?? [])].some((label) => label.contains(at));
    };
    each.scrollIntoView({ block: "center" });
    const { left, right, top, bottom } = each.getBoundingClientRect();
    const [x, y, off] = [(left + right) / 2, (top + bottom) / 2, LEAST / 2 - 0.5];
    return found(x - off, y) && found(x + off, y) && found(x, y - off) && found(x, y + off);
  };
  const inSentence = (each) => {
    if (getComputedStyle(each).display !== "inline") return false;
    let block = each.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return block.innerText.trim().length > each.innerText.trim().length;
  };

  const lasts = (durations) => durations.split(",").some((each) => parseFloat(each) > 0.01);

  const focus = (each = document.activeElement) => {
    const rings = [getComputedStyle(each), getComputedStyle(each, "::after")];
    if (each.closest("label")) rings.push(getComputedStyle(each.closest("label")));
    const box = each.getBoundingClientRect();
    return {
      name: named(each),
      field: each.matches("input, select, textarea"),
      seen: rings.some((ring) => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2)
        && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  };

  return {
    focus,
    styles,
    barriers: (tags) => run(document, { runOnly: tags, rules: { "color-contrast": { enabled: false } } }),
    contrast: (which) => run({ include: which.map((each) => alike.get(each)) }, { runOnly: ["color-contrast", "link-in-text-block"] }),
    wide: () => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return [];
      const wide = [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > room + 1);
      return [`${document.documentElement.scrollWidth} px wide: ${wide.slice(0, 4).map((each) => each.outerHTML.slice(0, 90)).join(" … ")}`];
    },
    small: () => stops().filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      return Math.min(width, height) < LEAST && !inSentence(each) && !hit(each);
    }).map((each) => `smaller than ${LEAST} px: ${told(each)}`),
    moving: () => [...document.querySelectorAll("*")].filter((each) => {
      const { animationName, animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(each);
      return lasts(transitionDuration) || (animationName !== "none" && lasts(animationDuration)) || scrollBehavior === "smooth";
    }).map((each) => `moves: ${told(each)}`),
    unseen: () => stops().filter((each) => {
      each.focus();
      return document.activeElement !== each || !focus(each).seen;
    }).map((each) => `the focus is not seen: ${told(each)}`),
  };
})();
