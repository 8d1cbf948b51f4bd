/** How loud a track is, read from an analyser. */

export const QUIETEST_DB = -60;

/** RMS of samples in decibels of full scale, not below -100. */
export function decibels(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 || sum === 0 ? -100 : Math.max(-100, 10 * Math.log10(sum / samples.length));
}

/** -60..0 dB on 0..1, as meters draw it. */
export function meter(db: number): number {
  return Math.max(0, Math.min(1, (db - QUIETEST_DB) / -QUIETEST_DB));
}

/** Levels of each channel of a stream; never connected to the loudspeaker. */
export class LevelTap {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly splitter: ChannelSplitterNode;
  private readonly analysers: AnalyserNode[];
  private readonly samples = new Float32Array(1024);

  constructor(context: AudioContext, stream: MediaStream, channels: 1 | 2) {
    this.source = context.createMediaStreamSource(stream);
    this.splitter = context.createChannelSplitter(channels);
    this.source.connect(this.splitter);
    this.analysers = Array.from({ length: channels }, (_, channel) => {
      const analyser = context.createAnalyser();
      analyser.fftSize = 1024;
      this.splitter.connect(analyser, channel);
      return analyser;
    });
  }

  /** Decibels of one channel now. */
  level(channel = 0): number {
    const analyser = this.analysers[channel];
    if (analyser === undefined) return -100;
    analyser.getFloatTimeDomainData(this.samples);
    return decibels(this.samples);
  }

  close(): void {
    this.source.disconnect();
    this.splitter.disconnect();
  }
}
