package io.dormouse.example.platforms;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.lifecycle.harmony.BackgroundTaskManager;
import io.dormouse.lifecycle.harmony.HarmonyTasks;
import io.dormouse.task.LongRunningTask;

/** What goes on in the background of a HarmonyOS app, with the system's leave. */
public final class BackgroundWork {
  private final HarmonyTasks tasks;

  /** The bridge to ArkTS is the app's own. */
  public BackgroundWork(ConnectionRegistry registry, BackgroundTaskManager bridge) {
    tasks = new HarmonyTasks(registry, bridge);
  }

  /** A transient task: up to 3 minutes in the background. Close it as soon as it is done. */
  public LongRunningTask saveDraft(Connection api) {
    return tasks.startTransient(
        "save draft",
        task ->
            task.covering(api)
                .onExpiring(left -> System.out.println("2 s to go, then 4 s to close"))
                .onEnded(ended -> System.out.println(ended.ending().orElseThrow())));
  }

  /** A continuous task: until it is closed, or the user removes its notification. */
  public LongRunningTask playMusic(Connection stream) {
    return tasks.startContinuous(
        "music",
        task -> task.covering(stream).onRevoked(revoked -> System.out.println("stopped by user")));
  }
}
