/** Plays pictures that come in, without sound, and says when what is seen is what it should be. */

/** What somebody shows, on a track that may have shown somebody else before. */
export interface Moving {
  stream: MediaStream;
  /** By `performance.now()`: frames before this are still those of whoever was on the line before. */
  freshAt: number;
}

/** Plays until the returned undo is called; `ready` is called once, when the first right frame is there. */
export function play(video: HTMLVideoElement, moving: Moving, ready: () => void): () => void {
  // Sound never comes this way; and only what is muted may play without a click.
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  video.srcObject = moving.stream;
  let request = 0;
  let over = false;
  const look = (): void => {
    if (over) return;
    if (performance.now() >= moving.freshAt) ready();
    else request = video.requestVideoFrameCallback(look);
  };
  request = video.requestVideoFrameCallback(look);
  video.play().catch((fault: unknown) => {
    // Taking it away again before it plays is no trouble.
    if (!over) console.warn("A picture does not play:", fault);
  });
  return () => {
    over = true;
    video.cancelVideoFrameCallback(request);
    video.srcObject = null;
  };
}
