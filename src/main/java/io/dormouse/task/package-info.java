/**
 * What may stay open behind? A {@link io.dormouse.task.LongRunningTask} is a lease that keeps the
 * connections it covers wanted while the app is in the background.
 *
 * <p>Safe to use from any thread. Callbacks run on the callback executor. Nothing is null.
 */
@NullMarked
package io.dormouse.task;

import org.jspecify.annotations.NullMarked;
