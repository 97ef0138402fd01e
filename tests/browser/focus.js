// The element that has the focus, and whether one sees that it has it: it is in the window, has an
// outline, and nothing covers it.
const [element] = arguments;
const style = getComputedStyle(element);
const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
// A link that goes over two lines has a box for each.
const box = element.getClientRects()[0];
const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
const top = document.elementFromPoint(x, y);
const uncovered = top !== null && (element.contains(top) || top.contains(element));
return {
    place: element.outerHTML.slice(0, 200),
    seen: outlined && uncovered,
    outline: style.outline,
    at: `${x} ${y}`,
};
