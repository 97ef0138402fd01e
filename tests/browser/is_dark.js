// Whether the page's background is dark; null if it has none of its own.
const background = [document.body, document.documentElement]
    .map((element) => getComputedStyle(element).backgroundColor)
    .find((colour) => colour !== "rgba(0, 0, 0, 0)");
if (!background) return null;
// The browser knows every way to write a colour; a canvas gives it back as three numbers.
const canvas = document.createElement("canvas").getContext("2d");
canvas.fillStyle = background;
canvas.fillRect(0, 0, 1, 1);
const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
return (red + green + blue) / 3 < 128;
