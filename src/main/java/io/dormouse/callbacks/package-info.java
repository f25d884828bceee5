/**
 * On whose thread does the app's code run, and in what order?
 *
 * <p>{@link io.dormouse.callbacks.Callbacks} is what a registry has of this: it hands out a {@link
 * io.dormouse.callbacks.SerialExecutor} for each connection's callbacks, another for the futures
 * that the connection completes, and threads of their own for work that blocks. Whatever any of
 * them does, blocks or throws, the loop never waits for it.
 *
 * <p>Everything here may be called on any thread, except where it says otherwise. Null only where
 * {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.callbacks;

import org.jspecify.annotations.NullMarked;
