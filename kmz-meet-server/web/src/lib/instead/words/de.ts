import type { Words } from './en';

export const de: Words = {
  title: 'Etwas anderes zeigen',
  lead: 'Alle sehen es groß, so wie einen Bildschirm.',
  photo: 'Foto auswählen oder aufnehmen',
  camera: 'Kamera auf der Rückseite nehmen',
  cameraHint:
    'Als Dokumentenkamera: Halte das Handy über ein Blatt oder ein Buch. Dein eigenes Bild wird dabei ausgeschaltet.',
  noPhoto: 'Diese Datei lässt sich nicht zeigen. Bitte ein Foto auswählen.',
  noCamera: 'Die Kamera lässt sich nicht benutzen. Bitte nachsehen, ob sie erlaubt ist und ob eine andere App sie hat.',
};
