/**
 * What reaches the log, and what must not? A {@link io.dormouse.log.LogLine} is written where
 * nothing may be thrown and memory may be out; {@link io.dormouse.log.WithoutMessage} is what may
 * be told of an exception of the app.
 *
 * <p>Any thread. Null only where {@code @Nullable} says so. What can't go wrong in these ways is
 * logged with SLF4J directly.
 */
@NullMarked
package io.dormouse.log;

import org.jspecify.annotations.NullMarked;
