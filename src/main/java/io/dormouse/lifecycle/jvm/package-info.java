/**
 * Is the JVM ending? {@link io.dormouse.lifecycle.jvm.ShutdownLifecycle} closes a registry in good
 * order when it does.
 *
 * <p>The hook runs on a thread of its own that the JVM waits for. Nothing is null.
 */
@NullMarked
package io.dormouse.lifecycle.jvm;

import org.jspecify.annotations.NullMarked;
