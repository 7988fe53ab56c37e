/** Texts of what a phone shows in place of its screen. They are loaded with it. */
export const en = {
  title: 'Show something else',
  lead: 'Everybody sees it large, as they see a screen.',
  photo: 'Choose or take a photo',
  camera: 'Use the camera on the back',
  cameraHint: 'As a document camera: hold the phone above a sheet of paper or a book. Your own picture is turned off.',
  noPhoto: 'This file cannot be shown. Please choose a photo.',
  noCamera: 'The camera cannot be used. Please look whether it is allowed, and whether another app has it.',
};

export type Words = typeof en;
