// What spans say, so that it is what a reader sees: as in the agent's own tables and logs, but that tabs and line ends stay.
import { EMOJI, HIDDEN, MARK, MARKS } from "./signs.js";

/** Most texts: nothing has to be looked at one by one. */
const HARMLESS = /^[\t\n\x20-\x7e]*$/;
const [JOINER, SELECTOR] = ["\u200d", "\ufe0f"];

/** Digits count as emoji too, and are none here. */
const isPicture = (sign) => sign !== undefined && sign.codePointAt(0) > 0xff && EMOJI.test(sign);

/** The joiner and the selector that emoji are made of, where they stand between emoji or behind one. */
function joinsEmoji(sign, before, next) {
  if (before === null || (sign !== JOINER && sign !== SELECTOR)) return false;
  return sign === SELECTOR ? EMOJI.test(before) : (before === SELECTOR || isPicture(before)) && isPicture(next);
}

/** A text with the signs that hide or reorder it shown by their numbers. */
export function visible(text) {
  const whole = String(text);
  if (HARMLESS.test(whole)) return whole;
  const signs = [...whole];
  let before = null;
  let marks = 0;
  return signs.map((sign, place) => {
    let isShown = sign === "\t" || sign === "\n" || joinsEmoji(sign, before, signs[place + 1]);
    if (!isShown && !HIDDEN.test(sign)) {
      const isMark = MARK.test(sign);
      marks = isMark ? marks + 1 : 0;
      isShown = !isMark || (before !== null && marks <= MARKS);
    }
    before = isShown ? sign : null;
    return isShown ? sign : `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
  }).join("");
}
