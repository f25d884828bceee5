/**
 * Is a desktop app in front, visible, and its computer awake? {@link
 * io.dormouse.lifecycle.desktop.DesktopLifecycle} has a lifecycle for each of these questions.
 *
 * <p>Needs the module {@code java.desktop}, which nothing else of the library does, and which
 * Android has not. Listeners are told on AWT's event thread, which is never blocked. Nothing is
 * null.
 */
@NullMarked
package io.dormouse.lifecycle.desktop;

import org.jspecify.annotations.NullMarked;
