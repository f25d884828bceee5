package io.dormouse.example.platforms;

import android.app.Notification;
import android.app.Service;
import android.content.Intent;
import android.os.IBinder;
import io.dormouse.task.LongRunningTask;

/** A foreground service of type dataSync: as long as it runs, the connections of api stay. */
public abstract class UploadService extends Service {
  private LongRunningTask task;

  /** What the user sees. */
  protected abstract Notification notification();

  @Override
  public int onStartCommand(Intent intent, int flags, int startId) {
    startForeground(1, notification()); // first: Android wants it within seconds
    if (task == null) {
      task =
          ChatApplication.registry()
              .startTask(
                  "upload",
                  options -> options.covering(ChatApplication.api()).onEnded(ended -> stopSelf()));
    }
    // ... enqueue the upload's calls on ChatApplication.api().client(), the last of which closes
    // task
    return START_NOT_STICKY;
  }

  /** Since Android 15: six hours of a day are over. Who does not stop within seconds is ended. */
  public void onTimeout(int startId, int fgsType) {
    task.revoke();
  }

  @Override
  public void onDestroy() {
    if (task != null) {
      task.close();
    }
  }

  @Override
  public IBinder onBind(Intent intent) {
    return null;
  }
}
