/** Spoken sentences as sound files for a fake microphone: flite's voices, at 48 kHz, after a stretch of silence. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export type Voice = "rms" | "slt";

const RATE = 48_000;
/** Root mean square of the speech, about -20 dB of full scale. */
const LOUDNESS = 0.1;
const CEILING = 0.9;
/** Taps of the low-pass on each side, in samples of the slower rate. */
const HALF_WIDTH = 24;

/** Writes a WAV of nothing, for somebody who only stands there. */
export function writeSilence(file: string): void {
  writeFileSync(file, wav(new Float32Array(RATE)));
}

/** Writes a WAV of a sentence after `lead` seconds of silence. */
export function writeSpeech(file: string, sentence: string, voice: Voice, lead: number): void {
  const spoken = levelled(upsampled(synthesise(sentence, voice)));
  const samples = new Float32Array(Math.round(lead * RATE) + spoken.length + RATE);
  samples.set(spoken, Math.round(lead * RATE));
  writeFileSync(file, wav(samples));
}

interface Sound {
  samples: Float32Array;
  rate: number;
}

function synthesise(sentence: string, voice: Voice): Sound {
  const folder = mkdtempSync(path.join(tmpdir(), "atrium-voice-"));
  const file = path.join(folder, "speech.wav");
  try {
    execFileSync("flite", ["-voice", voice, "-t", sentence, "-o", file], { stdio: "pipe", timeout: 30_000 });
    return readWav(readFileSync(file));
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== "ENOENT") throw fault;
    throw new Error("The browser tests speak with flite, which is not here. On Debian and Ubuntu: apt-get install flite", { cause: fault });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mono 16-bit PCM; chunks other than `fmt ` and `data` are passed over. */
function readWav(bytes: Buffer): Sound {
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [name, size] = [bytes.toString("latin1", at, at + 4), bytes.readUInt32LE(at + 4)];
    if (name === "fmt ") {
      const [channels, bits] = [bytes.readUInt16LE(at + 10), bytes.readUInt16LE(at + 22)];
      rate = bytes.readUInt32LE(at + 12);
      if (channels !== 1 || bits !== 16) throw new Error(`flite wrote ${channels} channels of ${bits} bits; one of 16 was expected.`);
    }
    if (name === "data") {
      const count = Math.floor(Math.min(size, bytes.length - at - 8) / 2);
      return { rate, samples: Float32Array.from({ length: count }, (_, i) => bytes.readInt16LE(at + 8 + 2 * i) / 32_768) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("flite wrote no sound.");
}

/** To 48 kHz by a whole factor: zeros between the samples, then a windowed-sinc low-pass of linear phase. */
function upsampled({ samples, rate }: Sound): Float32Array {
  const factor = RATE / rate;
  if (!Number.isInteger(factor)) throw new Error(`flite speaks at ${rate} Hz; a whole fraction of ${RATE} was expected.`);
  const half = HALF_WIDTH * factor;
  const taps = Float32Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = (i - half) / factor;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * (i - half)) / (half + 1)));
  });
  const out = new Float32Array(samples.length * factor);
  for (let i = 0; i < out.length; i++) {
    const first = Math.max(0, Math.ceil((i - half) / factor));
    const last = Math.min(samples.length - 1, Math.floor((i + half) / factor));
    let sum = 0;
    for (let j = first; j <= last; j++) sum += samples[j]! * taps[i - j * factor + half]!;
    out[i] = sum;
  }
  return out;
}

function levelled(samples: Float32Array): Float32Array {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const loud = samples.filter((sample) => Math.abs(sample) > 0.02 * peak);
  const rms = Math.sqrt(loud.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, loud.length));
  if (rms === 0) throw new Error("flite gave no sound for the sentence.");
  const gain = Math.min(LOUDNESS / rms, CEILING / peak);
  return samples.map((sample) => sample * gain);
}

function wav(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(2 * RATE, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), 44 + 2 * i));
  return bytes;
}
