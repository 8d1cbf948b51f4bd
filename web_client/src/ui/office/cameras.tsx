/** Cameras as small round pictures: a strip at the edge, and a section of the list view. */

import type { JSX } from "preact";

import { useApp } from "../app";
import { Face } from "../face";
import type { Picture } from "../ownVideo";
import { Live } from "./live";

/** Oneself, as others see one; on narrow screens also everybody else, who otherwise are beside their names. */
export function CameraStrip(): JSX.Element | null {
  const { video } = useApp();
  const mirror = video.mirror.value;
  if (mirror === null && video.cameras.value.length === 0) return null;
  return (
    <section class="cameras" aria-label="Cameras">
      {mirror !== null && <OwnCamera stream={mirror} />}
      {video.cameras.value.map((picture) => (
        <Camera key={picture.slot} picture={picture} />
      ))}
    </section>
  );
}

export function CameraSection(): JSX.Element | null {
  const { video } = useApp();
  const mirror = video.mirror.value;
  if (mirror === null && video.cameras.value.length === 0) return null;
  return (
    <section id="cameras-section" class="list-pictures" aria-labelledby="cameras-title">
      <h2 id="cameras-title">Cameras</h2>
      <div class="cameras">
        {mirror !== null && <OwnCamera stream={mirror} />}
        {video.cameras.value.map((picture) => (
          <Camera key={picture.slot} picture={picture} />
        ))}
      </div>
    </section>
  );
}

function OwnCamera({ stream }: { stream: MediaStream }): JSX.Element {
  const { video } = useApp();
  const by = video.seenBy.value.camera;
  return (
    <figure class="camera camera-own">
      <span class="camera-round">
        <video ref={(element) => void (element !== null && element.srcObject !== stream && (element.srcObject = stream))} class="live live-mirrored" aria-label="Your camera" muted autoplay playsInline />
      </span>
      <figcaption>Seen by {by === 0 ? "nobody" : by}</figcaption>
    </figure>
  );
}

function Camera({ picture }: { picture: Picture }): JSX.Element | null {
  const person = useApp().store.participants.value.get(picture.slot);
  if (person === undefined) return null;
  return (
    <figure class="camera camera-other">
      <span class="camera-round">
        <Live moving={picture.moving} label={`${person.name}’s camera`}>
          <Face look={person.look} size={56} />
        </Live>
      </span>
      <figcaption>{person.name}</figcaption>
    </figure>
  );
}
