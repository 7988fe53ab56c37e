import type { simple as english } from '../en/simple';

export const simple: typeof english = {
  simple: {
    name: 'Einfache Ansicht',
    hint: 'Große Tasten mit Bildern',
    normal: 'Gewohnte Ansicht',
    speak: (label) => `Vorlesen: ${label}`,
    wait: 'Bitte warten',
    teachers: 'Die Klasse sieht die einfache Ansicht mit großen Bildern',
  },
};
