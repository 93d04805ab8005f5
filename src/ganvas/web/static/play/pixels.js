/* Pictures as they come: base64 of height x width x channels bytes, drawn pixel by pixel. */

/** Draw one picture of `shape` [height, width, channels] on a canvas of just its size. */
export function drawPicture(canvas, pixels, shape) {
  const [height, width] = shape;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(toImage(pixels, shape), 0, 0);
}

/** Draw pictures side by side, `side` in a row. */
export function drawMap(canvas, pictures, shape, side) {
  const [height, width] = shape;
  const size = { width: width * side, height: height * side };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  pictures.forEach((pixels, i) =>
    context.putImageData(toImage(pixels, shape), width * (i % side), height * Math.floor(i / side)),
  );
}

function toImage(pixels, [height, width, channels]) {
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const image = new ImageData(width, height);
  for (let i = 0, from = 0; from < bytes.length; i += 4, from += channels) {
    image.data[i] = bytes[from];
    image.data[i + 1] = bytes[from + (channels > 1 ? 1 : 0)];
    image.data[i + 2] = bytes[from + (channels > 1 ? 2 : 0)];
    image.data[i + 3] = channels === 4 ? bytes[from + 3] : 255;
  }
  return image;
}
