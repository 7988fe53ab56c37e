// Runs the stories and closes with one line of result. What is missing fails; nothing is skipped.
//
//   run.mjs              all
//   run.mjs county       the ones with these names
//   run.mjs --all        those of the end-to-end tests as well, so that no processor waits for the last story of one folder
import { runStories } from '../e2e/lib/rounds.mjs';
import { END_TO_END, INTEROP, stories } from '../e2e/lib/stories.mjs';

const names = process.argv.slice(2);
await runStories(names[0] === '--all' ? stories([INTEROP, END_TO_END]) : stories([INTEROP], names));
