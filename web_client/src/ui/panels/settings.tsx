/** Settings of this machine, keys, and invitations. */

import type { JSX } from "preact";

import { useApp } from "../app";
import { Button, Choice, Select, Switch } from "../controls";
import { SHORTCUTS, OTHER_KEYS } from "../shortcuts";
import { Invites } from "./invites";
import { MailboxSettings } from "./mailbox";
import { LookPicker } from "../entry/lookPicker";
import { languageName } from "../words";
import { Devices, Processing, Talking, Way } from "./soundDevices";

/** Offered when the recogniser does not say which it knows. */
const LANGUAGES = ["ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh"];

export function SettingsPanel(): JSX.Element {
  const app = useApp();
  const { store, actions } = app;
  const settings = store.settings.value;
  return (
    <div class="settings">
      <Choice
        label="Theme"
        value={settings.theme}
        options={[["system", "System"], ["light", "Light"], ["dark", "Dark"]]}
        onChange={(theme) => store.set("theme", theme)}
      />
      <Choice
        label="Motion"
        value={settings.motion}
        options={[["system", "System"], ["full", "Full"], ["reduced", "Reduced"]]}
        onChange={(motion) => store.set("motion", motion)}
      />
      <Choice
        label="Camera"
        value={settings.camera}
        options={[["third", "Behind you"], ["first", "Your eyes"], ["high", "From above"]]}
        onChange={(camera) => store.set("camera", camera)}
      />
      <Choice
        label="Picture quality"
        value={settings.quality}
        options={[["auto", "Automatic"], ["low", "Low"], ["high", "High"]]}
        onChange={(quality) => store.set("quality", quality)}
      />
      <Captions />
      <Sound />
      <details>
        <summary>Your name and look</summary>
        <Look />
      </details>
      {actions.isAsked && (
        <details>
          <summary>Mail</summary>
          <MailboxSettings />
        </details>
      )}
      {actions.facilitates && (
        <details>
          <summary>Invite people</summary>
          <Invites />
        </details>
      )}
      <details>
        <summary>Keys</summary>
        <dl class="keys">
          {[...OTHER_KEYS, ...SHORTCUTS.map((one) => [one.key, one.words] as const)].map(([key, words]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <Button label="Show the first hints again" small onClick={() => (store.coaching.value = 1)} />
      </details>
      <div class="row row-wrap">
        <Button label="Leave the office" kind="danger" icon="leave" onClick={() => actions.leave()} />
        <Button label="Sign out here" kind="quiet" onClick={() => void app.signOut()} />
      </div>
    </div>
  );
}

function Captions(): JSX.Element {
  const { store, actions } = useApp();
  const settings = store.settings.value;
  const recognizer = store.engine.value?.recognizer;
  const known = recognizer?.languages ?? [];
  const codes = known.length > 0 ? known : LANGUAGES;
  const languages = [...new Set([...codes, settings.language])]
    .filter((code) => code !== "")
    .map((code) => [code, languageName(code)] as const)
    .sort(([, a], [, b]) => a.localeCompare(b));
  const understood = settings.language === "" || known.length === 0 || known.includes(settings.language);
  return (
    <section class="settings-part" aria-labelledby="settings-captions">
      <h3 id="settings-captions">Captions</h3>
      <Switch label="Captions" on={settings.captions} onChange={(on) => store.set("captions", on)} />
      <Switch
        label="Under who speaks"
        detail="In the room, and in the list of people."
        on={settings.captions && settings.captionsBelow}
        disabled={!settings.captions}
        onChange={(on) => store.set("captionsBelow", on)}
      />
      <Choice
        label="Caption size"
        value={settings.captionSize}
        options={[["small", "Small"], ["medium", "Medium"], ["large", "Large"], ["largest", "Largest"]]}
        onChange={(size) => store.set("captionSize", size)}
      />
      <Choice
        label="Caption contrast"
        value={settings.captionContrast}
        options={[["normal", "Normal"], ["high", "High"]]}
        onChange={(contrast) => store.set("captionContrast", contrast)}
      />
      <div class="caption-sample" aria-hidden="true">
        <p class="caption">
          <strong>Ada</strong> <span>Captions look </span>
          <span class="caption-unsettled">like this</span>
        </p>
      </div>
      <Select
        label="You speak"
        value={settings.language}
        options={[["", "What the office is set to"], ...languages]}
        onChange={(language) => actions.language(language)}
      />
      {!understood && (
        <small class="quiet" role="status">
          {recognizer?.name} does not know {languageName(settings.language)}. It counts as soon as a recogniser is at work that does.
        </small>
      )}
      <div class="row row-wrap">
        <Button label="Read back and search" small icon="captions" onClick={() => actions.open("captions")} />
        {(store.you.value?.role ?? store.session.value?.role) === "owner" && (
          <a href="/models" target="_blank">
            Recognition and its models
          </a>
        )}
      </div>
    </section>
  );
}

function Sound(): JSX.Element {
  const { output, actions } = useApp();
  return (
    <section class="settings-part" aria-labelledby="settings-sound">
      <h3 id="settings-sound">Sound</h3>
      <Talking />
      <Devices />
      <Processing />
      <Way />
      <div class="row row-wrap">
        <Button label="Test sound" small icon="speaker" disabled={output.testing.value} onClick={() => void output.test()} />
        <Button label="Sound problems?" small icon="sound" onClick={() => actions.open("sound")} />
      </div>
    </section>
  );
}

function Look(): JSX.Element {
  const { store, office } = useApp();
  const settings = store.settings.value;
  const name = settings.name.trim();
  return (
    <div class="settings-look">
      <div class="field">
        <label for="settings-name">Name</label>
        <input id="settings-name" maxLength={60} value={settings.name} onInput={(event) => store.set("name", event.currentTarget.value)} />
      </div>
      <LookPicker look={settings.look} onChange={(look) => store.set("look", look)} />
      <Button
        label="Use this look"
        kind="main"
        small
        disabled={name === ""}
        onClick={() => office.send({ t: "look", name, look: settings.look })}
      />
    </div>
  );
}
