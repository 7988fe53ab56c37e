// On a phone no browser shares its screen: the teacher shows a photo or the camera on the back instead.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { look } from "../lib/axe.mjs";
import { BROWSERS } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";

const stage = await Stage.set();
afterEach(() => stage.clear());

const PHOTO = new URL(
  "../../../kmz-meet-server/web/public/app-512.png",
  import.meta.url,
).pathname;

for (const kind of BROWSERS) {
  test(
    `in ${kind} a photo and the camera are seen as a screen is`,
    { timeout: 180_000 },
    async () => {
      const room = await stage.api.room();
      const teacher = await stage.teacher(kind);
      await teacher.page.evaluateOnNewDocument(() => {
        // Not on the empty page before the first one.
        delete globalThis.MediaDevices?.prototype.getDisplayMedia;
      });
      await teacher.join(room);
      const pupil = await stage.person("chromium", "Anna");
      await pupil.join(room);

      await teacher.press("Share screen");
      await teacher.reads(
        "Phones and most tablets do not allow browsers to share the screen.",
      );
      await teacher.awaits("Choose or take a photo");
      await look(teacher, "no screen can be shared here");
      const field = await teacher.page.$('dialog input[type="file"]');
      await field.uploadFile(PHOTO);
      await teacher.awaits("Stop sharing");
      await pupil.decodesVideoOf(`Screen of ${teacher.name}`, { frames: 3 });
      // Somebody who comes in later sees it too.
      const late = await stage.person("chromium", "Ben");
      await late.join(room);
      await late.decodesVideoOf(`Screen of ${teacher.name}`, { frames: 3 });
      await teacher.press("Stop sharing");
      await teacher.awaits("Share screen");

      await teacher.press("Turn on camera");
      await teacher.awaits("Turn off camera");
      await teacher.press("Share screen");
      await teacher.press("Use the camera on the back");
      await teacher.awaits("Stop sharing");
      // One camera at a time.
      await teacher.awaits("Turn on camera");
      await pupil.decodesVideoOf(`Screen of ${teacher.name}`);
      await teacher.press("Stop sharing");
      await teacher.awaits("Share screen");
      assert.equal(await pupil.has("Share screen"), false);
    },
  );
}
