import { Chat } from './chat/chat.svelte';
import type { Room } from './feature';
import { Floor } from './floor/floor';
import { Hands } from './hands/hands.svelte';
import { Lobby } from './lobby/lobby.svelte';
import { Brake } from './moderation/brake';
import { LookAlikes } from './look-alikes/look-alikes.svelte';
import { Moderation } from './moderation/moderation';
import { Password } from './password/password.svelte';
import { People } from './people/people';
import { Quality } from './quality/quality.svelte';
import { ResemblingPupils } from './class-list/resembling-pupils.svelte';
import { Safety } from './safety/safety.svelte';
import { SpeakersOnly } from './speakers-only/speakers-only.svelte';
import { Speaking } from './speaking/speaking.svelte';

/** Every feature that has a state or messages of its own. What one tells comes before what a later one tells. */
export const makeFeatures = (room: Room) => ({
  people: new People(room),
  chat: new Chat(room),
  floor: new Floor(room),
  hands: new Hands(room),
  lobby: new Lobby(room),
  lookAlikes: new LookAlikes(room),
  resemblingPupils: new ResemblingPupils(room),
  moderation: new Moderation(room),
  brake: new Brake(room),
  safety: new Safety(room),
  password: new Password(room),
  quality: new Quality(room),
  speaking: new Speaking(room),
  speakersOnly: new SpeakersOnly(room),
});

export type Features = ReturnType<typeof makeFeatures>;
