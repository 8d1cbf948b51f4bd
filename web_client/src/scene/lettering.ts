/** Writing on canvases. */

export const FONT = "'Inter Variable', Inter, 'Helvetica Neue', 'DejaVu Sans', sans-serif";

/** Writes words in lines; returns the number of lines used. */
export function wrapText(c: CanvasRenderingContext2D, text: string, x: number, y: number, width: number, line: number, most: number): number {
  const words = text.split(/\s+/).filter(Boolean);
  let row = "";
  let lines = 0;
  for (let i = 0; i < words.length; i++) {
    const next = row === "" ? words[i]! : `${row} ${words[i]!}`;
    if (c.measureText(next).width <= width || row === "") {
      row = next;
      continue;
    }
    if (lines === most - 1) {
      while (row.length > 1 && c.measureText(`${row}…`).width > width) row = row.slice(0, -1);
      c.fillText(`${row}…`, x, y + lines * line);
      return most;
    }
    c.fillText(row, x, y + lines * line);
    lines++;
    row = words[i]!;
  }
  if (row !== "") c.fillText(row, x, y + lines++ * line, width);
  return lines;
}
