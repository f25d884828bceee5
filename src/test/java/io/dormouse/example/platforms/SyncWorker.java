package io.dormouse.example.platforms;

import android.content.Context;
import androidx.work.Worker;
import androidx.work.WorkerParameters;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Request;
import okhttp3.Response;

/** WorkManager's: it may start in a process without any activity, and in Doze's window. */
public final class SyncWorker extends Worker {
  private final LongRunningTask sync;

  public SyncWorker(Context context, WorkerParameters parameters) {
    super(context, parameters);
    sync =
        ChatApplication.registry()
            .startTask(
                "sync",
                options ->
                    options
                        .covering(ChatApplication.api())
                        .atMost(Duration.ofMinutes(9))); // Android ends a worker after 10
  }

  @Override
  public Result doWork() {
    Request request = new Request.Builder().url("https://api.example.com/changes").build();
    try (sync;
        Response response = ChatApplication.api().client().newCall(request).execute()) {
      return response.isSuccessful() ? Result.success() : Result.retry();
    } catch (IOException e) { // what the end of the task cuts off, too
      return Result.retry();
    }
  }

  /** Its constraints don't hold any more, or Android has no time left for it. */
  @Override
  public void onStopped() {
    sync.revoke();
  }
}
