import { describe, expect, it } from "vitest";

import { askForStereo } from "./sdp";

describe("asking for stereo", () => {
  const offer = [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:63 red/48000/2",
    "a=fmtp:63 111/111",
    "",
  ].join("\r\n");

  it("touches the Opus line and no other", () => {
    const asked = askForStereo(offer);
    expect(asked).toContain("a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1\r\n");
    expect(asked).toContain("a=fmtp:63 111/111\r\n");
  });

  it("asks once", () => {
    expect(askForStereo(askForStereo(offer))).toBe(askForStereo(offer));
  });
});
