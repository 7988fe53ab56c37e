// Runs the stories, each file in a network of its own, and closes with one line of result.
import { runStories } from './lib/rounds.mjs';
import { END_TO_END, stories } from './lib/stories.mjs';

await runStories(stories([END_TO_END], process.argv.slice(2)));
