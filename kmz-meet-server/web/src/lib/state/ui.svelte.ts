import type { ViewMode } from '../layout/stage';

export type PanelName = 'chat' | 'people' | 'safety';
export type DialogName =
  'more' | 'invite' | 'devices' | 'leave' | 'person' | 'remove' | 'rename' | 'delete' | 'no-share' | 'no-device';

/** What is open on the conference screen. Lives as long as the screen. */
export class Ui {
  panel = $state<PanelName | null>(null);
  dialog = $state<DialogName | null>(null);
  /** Whom the person dialog is about. */
  person = $state<string | null>(null);
  /** The chat message that is about to be deleted, once confirmed. */
  message = $state<number | null>(null);
  /** Who is about to be removed, once confirmed. */
  removing = $state.raw<string[]>([]);
  mode = $state<ViewMode>('tiles');
  pinned = $state<string | null>(null);
  page = $state(0);
  saving = $state(false);

  toggle(panel: PanelName): void {
    this.panel = this.panel === panel ? null : panel;
  }

  showPerson(id: string): void {
    this.person = id;
    this.dialog = 'person';
  }

  askToDelete(message: number): void {
    this.message = message;
    this.dialog = 'delete';
  }

  askToRemove(ids: string[]): void {
    this.removing = ids;
    this.dialog = ids.length > 0 ? 'remove' : null;
  }

  pin(id: string | null): void {
    this.pinned = id;
    this.page = 0;
  }
}
