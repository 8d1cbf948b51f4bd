/** How one looks: skin, hair and outfit by swatch, the shape of the hair by arrows, and a shuffle. */

import type { JSX } from "preact";

import type { Look } from "../../protocol/records";
import { ACCENT, HAIR, OUTFIT, SKIN } from "../../scene/palette";
import { IconButton } from "../controls";
import { Face } from "../face";

const NAMES = {
  skin: ["Porcelain", "Sand", "Honey", "Chestnut", "Umber", "Ebony"],
  hair: ["Black", "Dark brown", "Light brown", "Blond", "Grey", "Copper"],
  outfit: ["Moss", "Sky", "Clay", "Ochre", "Slate", "Plum"],
  accent: ["Linen", "Honey", "Coral", "Lagoon", "Ink", "Lime"],
} as const;
const SHAPES = ["Crop", "Sweep", "Bob", "Bun", "Curls", "Long"] as const;

export function LookPicker({ look, onChange }: { look: Look; onChange: (look: Look) => void }): JSX.Element {
  const put = (part: number, value: number): void => onChange(look.map((old, at) => (at === part ? value : old)) as unknown as Look);
  const shape = look[2];
  const turn = (by: number): void => put(2, (shape + by + SHAPES.length) % SHAPES.length);
  const shuffle = (): void => onChange(Array.from({ length: 5 }, () => Math.floor(Math.random() * 6)) as unknown as Look);
  return (
    <div class="look" role="group" aria-label="Your look">
      <div class="look-face">
        <Face look={look} size={84} name="You will look like this" />
        <div class="look-shape" role="group" aria-label="Hair shape">
          <IconButton label="Hair shape before" icon="left" onClick={() => turn(-1)} />
          <span aria-live="polite">{SHAPES[shape]}</span>
          <IconButton label="Next hair shape" icon="right" onClick={() => turn(1)} />
        </div>
      </div>
      <div class="look-swatches">
        <Swatches label="Skin" colours={SKIN} names={NAMES.skin} value={look[0]} onChange={(value) => put(0, value)} />
        <Swatches label="Hair" colours={HAIR} names={NAMES.hair} value={look[1]} onChange={(value) => put(1, value)} />
        <Swatches label="Outfit" colours={OUTFIT} names={NAMES.outfit} value={look[3]} onChange={(value) => put(3, value)} />
        <Swatches label="Collar" colours={ACCENT} names={NAMES.accent} value={look[4]} onChange={(value) => put(4, value)} />
        <button type="button" class="look-shuffle" onClick={shuffle}>
          Shuffle
        </button>
      </div>
    </div>
  );
}

function Swatches({ label, colours, names, value, onChange }: {
  label: string;
  colours: readonly string[];
  names: readonly string[];
  value: number;
  onChange: (value: number) => void;
}): JSX.Element {
  return (
    <fieldset class="swatches">
      <legend>{label}</legend>
      {colours.map((colour, index) => (
        <label key={colour} class="swatch" title={names[index]}>
          <input
            type="radio"
            name={`look-${label}`}
            checked={index === value}
            aria-label={`${label}: ${names[index]}`}
            onChange={() => onChange(index)}
          />
          <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <circle cx="12" cy="12" r="11" fill={colour} />
          </svg>
        </label>
      ))}
    </fieldset>
  );
}
