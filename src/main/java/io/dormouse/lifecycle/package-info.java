/**
 * Is the app in front? {@link io.dormouse.lifecycle.AppLifecycle} answers, and tells its listeners
 * when the answer changes.
 *
 * <p>Everything here is safe to call from any thread. Listeners are told of changes in order, one
 * at a time, on the thread of the hook that caused the change. Nothing is null.
 */
@NullMarked
package io.dormouse.lifecycle;

import org.jspecify.annotations.NullMarked;
