/** What has to be changed in a description before Chrome takes stereo. Pure. */

/**
 * Chrome decodes Opus to mono unless its own local description says `stereo=1`; changing only what is sent has
 * no effect. Adds both words to every Opus fmtp line that lacks them.
 */
export function askForStereo(sdp: string): string {
  const opus = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map((match) => match[1]);
  return sdp.replace(/^a=fmtp:(\d+) ([^\r\n]*)/gm, (line, type: string, words: string) => {
    if (!opus.includes(type)) return line;
    const kept = words.split(";").filter((word) => !/^\s*(sprop-)?stereo=/.test(word));
    return `a=fmtp:${type} ${[...kept, "stereo=1", "sprop-stereo=1"].join(";")}`;
  });
}
