/** What a release leaves to read: a line while it runs, a report and a plot when it is over. */
export { type Course, type Stage } from './course.ts';
export { markdown } from './markdown.ts';
export { plot, type Limits } from './plot.ts';
export { progressLine, told, type Now } from './progress.ts';
export { courseOf, reportFile, REPORTS, writeReport, type Place } from './write.ts';
