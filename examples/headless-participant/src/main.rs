//! A participant without a screen, as a start for your own program.
//!
//! ```sh
//! cargo run -p headless-participant -- http://localhost:8080/mutiger-dachs-lomi-katu-reno --voice --camera
//! ```

use std::error::Error;
use std::time::Duration;

use clap::Parser;
use kmz_meet_core::client::{Client, Media, Options, Video, Voice, sign_in};
use kmz_meet_core::signal::{ParticipantId, Source};

/// Joins a room, publishes test media and prints once a second what arrives.
#[derive(Parser)]
struct Arguments {
    /// The room's link
    link: String,
    #[arg(long, default_value = "Robot")]
    name: String,
    /// The room's password
    #[arg(long)]
    password: Option<String>,
    /// Come as this teacher: `user name:password`
    #[arg(long, value_name = "USER:PASSWORD")]
    teacher: Option<String>,
    /// Talk
    #[arg(long)]
    voice: bool,
    /// Send a test picture in three sizes
    #[arg(long)]
    camera: bool,
    /// Stay so many seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let (base, room) = arguments
        .link
        .trim_end_matches('/')
        .rsplit_once('/')
        .ok_or("a room's link looks like http://localhost:8080/mutiger-dachs-lomi-katu-reno")?;
    let cookie = match &arguments.teacher {
        Some(teacher) => {
            let (user, password) = teacher
                .split_once(':')
                .ok_or("write the teacher as USER:PASSWORD")?;
            Some(sign_in(base, user, password).await?)
        }
        None => None,
    };
    let options = Options {
        password: arguments.password,
        cookie,
        ..Options::guest(room, &arguments.name)
    };

    // Comes back when media flows. Until a teacher opens the room, or lets us in from the lobby, that can take long.
    println!("joining {room} ...");
    let client = Client::join(base, options).await?;
    println!("inside as {:?}", client.view().me);
    if arguments.voice {
        client
            .publish(Source::Microphone, Media::Voice(Voice::talking()))
            .await?;
    }
    if arguments.camera {
        client
            .publish(Source::Camera, Media::Video(Video::camera()))
            .await?;
    }

    let mut shown = Vec::new();
    for _ in 0..arguments.seconds {
        // Tell the server the view whenever it changes: everyone with a camera on, in small pictures.
        let cameras = cameras(&client);
        if cameras != shown {
            let tiles: Vec<_> = cameras.iter().cloned().map(|id| (id, 180)).collect();
            client.show(&tiles, None)?;
            shown = cameras;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = tokio::signal::ctrl_c() => break,
        }
        if client.status().is_final() {
            println!("over: {:?}", client.status());
            break;
        }
        let counts = client.counts().await;
        let total = counts.total();
        println!(
            "{} people, {} packets, {} kB, {} lost, {} key frames, delay {} µs (median)",
            client.view().participants.len(),
            total.packets,
            total.bytes / 1_000,
            total.lost,
            total.key_frames,
            counts.delay.quantile(0.5),
        );
    }
    client.leave().await;
    Ok(())
}

fn cameras(client: &Client) -> Vec<ParticipantId> {
    let view = client.view();
    view.participants
        .values()
        .filter(|person| {
            Some(&person.id) != view.me.as_ref() && person.sources.contains(&Source::Camera)
        })
        .map(|person| person.id.clone())
        .collect()
}
