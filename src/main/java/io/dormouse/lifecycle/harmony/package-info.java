/**
 * What may an app on HarmonyOS and OpenHarmony do in the background? {@link
 * io.dormouse.lifecycle.harmony.HarmonyTasks} makes long-running tasks of the system's transient
 * and continuous ones.
 *
 * <p>The system's own API is ArkTS. An app that runs Java there has a bridge to it: it calls a
 * {@link io.dormouse.lifecycle.ManualAppLifecycle} from {@code onForeground} and {@code
 * onBackground} of its UIAbility, and brings {@link
 * io.dormouse.lifecycle.harmony.BackgroundTaskManager}. Safe to use from any thread. Nothing is
 * null.
 */
@NullMarked
package io.dormouse.lifecycle.harmony;

import org.jspecify.annotations.NullMarked;
