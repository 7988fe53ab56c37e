import { Chat } from './chat/chat.svelte';
import type { Room } from './feature';
import { Hands } from './hands/hands';
import { Lobby } from './lobby/lobby.svelte';
import { Password } from './password/password.svelte';

/** Every feature that has a state or messages of its own. */
export const makeFeatures = (room: Room) => ({
  chat: new Chat(room),
  hands: new Hands(room),
  lobby: new Lobby(room),
  password: new Password(room),
});

export type Features = ReturnType<typeof makeFeatures>;
