/**
 * Is an Android app in front? {@link io.dormouse.lifecycle.android.AndroidPlatform} answers from
 * the app's activities, and has the main thread and the clock that a registry on Android wants.
 *
 * <p>Needs Android's own classes, which are there on each device; nothing else of the library does.
 * Everything here runs on the app's main thread and never blocks it. Nothing is null.
 */
@NullMarked
package io.dormouse.lifecycle.android;

import org.jspecify.annotations.NullMarked;
