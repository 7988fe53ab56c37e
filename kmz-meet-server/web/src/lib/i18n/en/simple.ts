/** The pupil's view: few large buttons with pictures, which can be read aloud. */
export const simple = {
  simple: {
    name: 'Simple view',
    hint: 'Large buttons with pictures',
    normal: 'Normal view',
    speak: (label: string) => `Read aloud: ${label}`,
    wait: 'Please wait',
    teachers: 'Pupils see the simple view with large pictures',
  },
};
