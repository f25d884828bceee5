package io.dormouse.example.sync;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.NotOpenException;
import io.dormouse.http.CutOffException;
import io.dormouse.http.HttpConnection;
import io.dormouse.task.LongRunningTask;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Uploads photos one after the other, and goes on in the background for as long as the platform
 * lets it. What is left then goes on in the foreground. Safe from any thread.
 */
public final class PhotoUploads {
  private record Photo(String name, byte[] bytes) {}

  private static final MediaType JPEG = MediaType.get("image/jpeg");

  private final ConnectionRegistry registry;
  private final HttpConnection http;
  private final HttpUrl folder;
  private final Queue<Photo> left = new ArrayDeque<>(); // guarded by this; the first is under way
  private CompletableFuture<Void> done = CompletableFuture.completedFuture(null); // likewise

  /** Registers the connection that the photos go over, to URLs below this one. */
  public PhotoUploads(ConnectionRegistry registry, HttpUrl folder) {
    this.registry = registry;
    this.folder = folder;
    http = registry.http("photos").register();
  }

  /** Adds a photo. */
  public void add(String name, byte[] bytes) {
    synchronized (this) {
      left.add(new Photo(name, bytes));
      if (left.size() > 1) {
        return; // others are under way
      }
      done = new CompletableFuture<>();
    }
    uploadFirst();
  }

  /** Returns how many are not uploaded yet. */
  public synchronized int left() {
    return left.size();
  }

  /** Returns a future for when all are uploaded. */
  public synchronized CompletableFuture<Void> whenDone() {
    return done;
  }

  // begin: sync
  /** For the platform's hook, before the registry's lifecycle hears that the app has left. */
  public void onBackground() {
    CompletableFuture<Void> rest = whenDone();
    if (!rest.isDone()) {
      LongRunningTask task =
          registry.startTask(
              "upload photos", options -> options.covering(http).atMost(Duration.ofMinutes(3)));
      rest.whenComplete((nothing, failure) -> task.close()); // and then the connection closes
    }
  }

  // end: sync

  private void uploadFirst() {
    http.whenOpen().thenRun(() -> http.client().newCall(request(first())).enqueue(new Answer()));
  }

  private synchronized Photo first() {
    return left.element();
  }

  private Request request(Photo photo) {
    return new Request.Builder()
        .url(folder.newBuilder().addPathSegment(photo.name()).build())
        .put(RequestBody.create(photo.bytes(), JPEG)) // PUT, since twice is as good as once
        .build();
  }

  private void over() {
    CompletableFuture<Void> last;
    synchronized (this) {
      left.remove();
      last = left.isEmpty() ? done : null;
    }
    if (last == null) {
      uploadFirst();
    } else {
      last.complete(null);
    }
  }

  private final class Answer implements Callback {
    @Override
    public void onResponse(Call call, Response response) {
      response.close();
      int code = response.code();
      if (code >= 500 || code == 408 || code == 429) {
        tryAgain();
      } else {
        over(); // it is uploaded, or will never be
      }
    }

    @Override
    public void onFailure(Call call, IOException e) {
      if (e instanceof NotOpenException || e instanceof CutOffException) {
        uploadFirst(); // as soon as the app is back, or a task starts
      } else {
        tryAgain();
      }
    }

    private void tryAgain() {
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
          .execute(PhotoUploads.this::uploadFirst);
    }
  }
}
