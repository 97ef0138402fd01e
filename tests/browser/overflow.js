// Lists what does not fit: the page if it scrolls sideways, and what sticks out or is cut off.
const width = document.documentElement.clientWidth;
const found = [];
const note = (element, what) => {
    const text = element.textContent.trim().slice(0, 40);
    found.push(`<${element.localName} class="${element.className}"> ${what}: ${text}`);
};
if (document.documentElement.scrollWidth > width) {
    found.push(`the page is ${document.documentElement.scrollWidth} wide`);
}
for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    // Hidden from sight on purpose, for screen readers.
    if (box.width <= 1 || box.height <= 1 || box.right <= 0 || box.bottom <= 0) continue;
    if (box.right > width + 1 || box.left < -1) note(element, `reaches from ${box.left} to ${box.right}`);
    const clips = getComputedStyle(element).overflowX !== "visible";
    const isField = element.matches("input, textarea");
    if (clips && !isField && element.scrollWidth > element.clientWidth + 1) note(element, "is cut off");
}
return found;
