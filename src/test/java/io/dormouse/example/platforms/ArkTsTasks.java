package io.dormouse.example.platforms;

import io.dormouse.lifecycle.harmony.BackgroundTaskManager;
import java.time.Duration;

/** The system's backgroundTaskManager, over the bridge to ArkTS that an app has. */
public final class ArkTsTasks implements BackgroundTaskManager {
  /** The bridge: calls a function of the app's ArkTS, and waits for the numbers it returns. */
  public interface Bridge {
    long[] call(String function, Object argument, Runnable callback);
  }

  private static final Runnable NONE = () -> {};

  private final Bridge bridge;

  public ArkTsTasks(Bridge bridge) {
    this.bridge = bridge;
  }

  @Override
  public SuspendDelay requestSuspendDelay(String reason, Runnable onExpiring) {
    // let info = backgroundTaskManager.requestSuspendDelay(reason, callback)
    // return [info.requestId, info.actualDelayTime]
    long[] info = bridge.call("requestSuspendDelay", reason, onExpiring);
    return new SuspendDelay((int) info[0], Duration.ofMillis(info[1]));
  }

  @Override
  public Duration getRemainingDelayTime(int requestId) {
    // return [await backgroundTaskManager.getRemainingDelayTime(requestId)]
    return Duration.ofMillis(bridge.call("getRemainingDelayTime", requestId, NONE)[0]);
  }

  @Override
  public void cancelSuspendDelay(int requestId) {
    // backgroundTaskManager.cancelSuspendDelay(requestId)
    bridge.call("cancelSuspendDelay", requestId, NONE);
  }

  @Override
  public void startBackgroundRunning(String name, Runnable onCancelled) {
    // backgroundTaskManager.on('continuousTaskCancel', callback)
    // await backgroundTaskManager.startBackgroundRunning(context, ['audioPlayback'], wantAgent)
    bridge.call("startBackgroundRunning", name, onCancelled);
  }

  @Override
  public void stopBackgroundRunning() {
    // await backgroundTaskManager.stopBackgroundRunning(context)
    // backgroundTaskManager.off('continuousTaskCancel')
    bridge.call("stopBackgroundRunning", "", NONE);
  }
}
