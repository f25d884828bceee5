/**
 * What happened, drawn: {@link io.dormouse.observe.timeline.TimelineRecorder} remembers the steps,
 * tasks and suspends of a registry, within bounds, and {@link
 * io.dormouse.observe.timeline.Timeline} is what it remembers, as a page, a picture or a trace.
 *
 * <p>Safe to use from any thread. What an app or a peer has chosen (names, reasons) is text
 * wherever it is written, and never markup or code. Nothing is null.
 */
@NullMarked
package io.dormouse.observe.timeline;

import org.jspecify.annotations.NullMarked;
